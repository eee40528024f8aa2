"""`login`: a way in for a browser."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from deploy.commands.options import DataOption, errors, opened_endpoints
from deploy.login_links import admin_key_id, login_link, read_address, works
from deploy.trouble import Trouble


def login(
    key_id: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="ID",
            help="Sign in as this key, as `keys list` shows it. Default: the admin's of DIR/admin.key",
            show_default=False,
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Where browsers reach it. Default: where the `up` of DIR listens", show_default=False),
    ] = None,
    data: DataOption = None,
) -> None:
    """Print a link that signs a browser in. It works once, within 15 minutes, and stands alone on standard output.

    Whoever follows it may do what its key may, for 30 days or until they sign out.
    """
    address = None if url is None else read_address(url)
    settings, endpoints = opened_endpoints(data)
    where = address or endpoints.http
    if where is None:
        raise Trouble("say where browsers reach Milemarker: `milemarker login --url https://...`")
    link = login_link(endpoints.database, where, key_id or admin_key_id(settings.data.resolve()), datetime.now(UTC))
    errors.print(f"A link for your browser, which {works()}:", markup=False)
    print(link)
