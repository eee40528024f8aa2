"""`keys`: who may do what over HTTP."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import orjson
import typer
from rich.table import Table

from deploy.commands.options import DataOption, JsonOption, console, errors, opened_store
from deploy.trouble import Trouble
from domain.refusal import Refused


class Role(StrEnum):
    """publisher: sales of its sources; manager: targets; auditor: reads all; subscriber: its alerts; admin: all."""

    PUBLISHER = "publisher"
    MANAGER = "manager"
    AUDITOR = "auditor"
    SUBSCRIBER = "subscriber"
    ADMIN = "admin"


def create(
    role: Annotated[Role, typer.Option(help="What the key may do.", show_default=False)],
    name: Annotated[str, typer.Option(help="Whose it is, for the list.", show_default=False)],
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="S", help="A source that a publisher may write; repeatable. Default: any."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Make an API key and show it, once. It stands alone on standard output, for scripts.

    Only a digest of it is kept: one that is lost can only be revoked.
    """
    from projections.keys import Keys

    with opened_store(data) as store:
        try:
            key = Keys(store.views.datastore).create(role.value, name, sources, datetime.now(UTC))
        except Refused as refused:
            raise Trouble(refused.detail) from None
    errors.print(f"The key of {name} ({role}). It is shown this once:", markup=False)
    print(key)


def list_keys(as_json: JsonOption = False, data: DataOption = None) -> None:
    """Show every key: its id, role, name and sources, since when it is, and whether it was revoked."""
    from projections.keys import Keys

    with opened_store(data) as store:
        listed = Keys(store.views.datastore).listed()
    rows = [
        {
            "id": key.id,
            "role": key.role,
            "name": key.name,
            "sources": None if key.sources is None else list(key.sources),
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        for key in listed
    ]
    if as_json:
        for row in rows:
            print(orjson.dumps(row).decode())
        return
    table = Table("id", "role", "name", "sources", "created", "revoked", box=None)
    for key in listed:
        sources = "any" if key.sources is None else " ".join(key.sources)
        table.add_row(key.id, key.role, key.name, sources, _day(key.created_at), _day(key.revoked_at))
    console.print(table, markup=False)


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
    data: DataOption = None,
) -> None:
    """Make a key useless. Every API process knows of it within two seconds."""
    from projections.keys import Keys

    with opened_store(data) as store:
        if not Keys(store.views.datastore).revoke(key_id, datetime.now(UTC)):
            raise Trouble(f"there is no key {key_id} that could be revoked: `milemarker keys list` shows them")
    console.print(f"{key_id} is revoked; within two seconds it opens nothing any more.", markup=False)


def _day(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else ""
