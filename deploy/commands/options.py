"""What several commands take."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer
from rich.console import Console

from deploy.endpoints import Endpoints, find_endpoints
from deploy.logs import configure_logs
from deploy.settings import Settings, read_settings
from deploy.trouble import Trouble

if TYPE_CHECKING:
    from projections.store import Store

CONNECT_S = 5
PIPED_WIDTH = 200
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The directory of the `up` to talk to. Default: MILEMARKER_DATA, or ./.milemarker",
        show_default=False,
    ),
]
OwnedOption = Annotated[bool, typer.Option("--with-owner", hidden=True, help="`up` starts us, and ends us.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON Lines, for other programs.")]

console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def found_endpoints(data: Path | None) -> tuple[Settings, Endpoints]:
    """For commands of people: only what is wrong is logged. Raises Trouble when nothing runs."""
    settings = read_settings(data)
    configure_logs("error")
    return settings, find_endpoints(settings, data_given=data is not None)


def opened_endpoints(data: Path | None) -> tuple[Settings, Endpoints]:
    """As found_endpoints, with a database that answers and has its tables. Raises Trouble when it does not."""
    settings, endpoints = found_endpoints(data)
    try:
        with psycopg.connect(endpoints.database, connect_timeout=CONNECT_S) as connection:
            found = connection.execute("SELECT to_regclass('view_versions')").fetchone()
    except psycopg.Error as error:
        raise Trouble(f"the database does not answer: {str(error).strip()}") from None
    if found is None or found[0] is None:
        raise Trouble("there are no tables yet: run `milemarker migrate`")
    return settings, endpoints


@contextmanager
def opened_store(data: Path | None) -> "Iterator[Store]":
    """The log and its read models, for a command of people. Raises Trouble when they are not to be had."""
    _, endpoints = opened_endpoints(data)
    from projections.store import open_store

    with open_store(endpoints.database) as store:
        yield store
