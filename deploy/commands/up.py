"""`up`: everything on one machine."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.options import console
from deploy.login_links import welcome
from deploy.logs import configure_logs
from deploy.own_command import own_command
from deploy.running import stop_on_signals
from deploy.settings import read_settings
from deploy.up import Up


def up(
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keeps everything: data, keys, logs. Default: MILEMARKER_DATA, or ./.milemarker",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Listen on this address. Default: 127.0.0.1", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Default: 8080; 0: any that is free", show_default=False),
    ] = None,
) -> None:
    """Start everything here: database, broker, ingest, projections and HTTP. Ctrl-C stops it.

    PostgreSQL and NATS are brought along unless DATABASE_URL or NATS_URL say where others are. The same
    directory again carries on where it was.
    """
    stop = stop_on_signals()
    settings = read_settings(data)
    changes = {"host": host, "port": port}
    settings = settings.model_copy(update={name: value for name, value in changes.items() if value is not None})
    configure_logs(settings.log_level)
    Up(settings, stop.event, _tell).run()


def _tell(url: str, directory: Path) -> None:
    data = shlex.quote(str(directory))
    key = f"$(cat {shlex.quote(str(directory / 'admin.key'))})"
    console.print(
        f"\n[bold]Milemarker is up:[/bold] {url}\n\n"
        f"{welcome(directory, url, datetime.now(UTC))}\n\n"
        f"The admin's key is in {directory / 'admin.key'}. Try:\n"
        f'  curl -H "Authorization: Bearer {key}" {url}/v1/targets\n'
        f"  {own_command()} load sales.csv --data {data}\n"
        f"  {url}/docs in a browser shows all that there is to ask.\n"
        "Ctrl-C stops everything; the data stays.\n",
        soft_wrap=True,
    )
