"""`dead`, `redrive`: the notifications that could not be delivered, and trying them again."""

import getpass
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.table import Table

from deploy.commands.options import DataOption, JsonOption, console, errors, opened_store

if TYPE_CHECKING:
    from domain.delivery.outbox import Dead
    from domain.delivery.redriving import Redriven
    from projections.store import Store

LIMIT_MAX = 100_000
WIDTH = 1_000
"""No column is cut; a narrow terminal wraps the lines."""
AT_ONCE_MAX = 100
"""Redriven in one transaction: ingest waits meanwhile."""
COLUMNS = ("died", "recipient", "kind", "transition", "target", "channel", "attempts", "reason", "notification")
RecipientOption = Annotated[str | None, typer.Option("--recipient", metavar="WHO", help="Only theirs.")]
TargetOption = Annotated[UUID | None, typer.Option("--target", metavar="ID", help="Only about this target.")]
KindOption = Annotated[str | None, typer.Option("--kind", help="Only of this kind, such as checkpoint.evaluated.")]
NotificationOption = Annotated[UUID | None, typer.Option("--id", metavar="ID", help="Only this one.")]
LimitOption = Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="The oldest so many.")]


def dead(
    recipient: RecipientOption = None,
    target: TargetOption = None,
    kind: KindOption = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show which notifications could not be delivered, and why, the first queued first.

    They are kept until `redrive` has delivered them.
    """
    with opened_store(data) as store:
        listed = _sought(store, limit, recipient, target, kind)
    if as_json:
        for one in listed:
            print(orjson.dumps(asdict(one)).decode())
    elif not listed:
        errors.print("No notification has died.")
    else:
        _show(listed)


def redrive(
    recipient: RecipientOption = None,
    target: TargetOption = None,
    kind: KindOption = None,
    notification: NotificationOption = None,
    limit: LimitOption = 100,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without it, only say what would be done.")] = False,
    data: DataOption = None,
) -> None:
    """Try dead notifications again, each under its id, as if it were its first try.

    Without --yes nothing changes. What was delivered is never sent again, what has expired is left as it is, and what
    is over by now is cancelled.
    """
    from domain.delivery.redriving import Fate

    with opened_store(data) as store:
        said = list(_redrive(store, _sought(store, limit, recipient, target, kind, notification), dry=not yes))
    again = [one.dead for one in said if one.fate is Fate.AGAIN]
    words = {Fate.LEFT: "left as it is", Fate.CANCELLED: "cancelled" if yes else "would be cancelled"}
    for one, fate, why in said:
        if fate is not Fate.AGAIN:
            line = f"{words[fate]}: {one.notification} for {_plain(one.recipient)}: {_plain(why)}"
            console.print(line, markup=False, soft_wrap=True)
    if not said:
        errors.print("No such notification has died.")
    elif yes:
        console.print(f"{len(again):,} will be tried again now.")
    else:
        if again:
            _show(again)
        console.print(f"{len(again):,} would be tried again. Nothing was changed: add --yes to do it.")


def _sought(
    store: "Store",
    limit: int,
    recipient: str | None,
    target: UUID | None,
    kind: str | None,
    notification: UUID | None = None,
) -> "list[Dead]":
    from domain.delivery.outbox import Sought
    from projections.deliveries import dead_ones

    return dead_ones(store.views.datastore, Sought(recipient, target, kind, notification), limit)


def _redrive(store: "Store", listed: "Sequence[Dead]", *, dry: bool) -> "Iterator[Redriven]":
    from domain.alerts.second_look import look_again
    from domain.delivery.redriving import redrive as redrive_some

    by = _operator()
    for first in range(0, len(listed), AT_ONCE_MAX):
        some = listed[first : first + AT_ONCE_MAX]
        at = datetime.now(UTC)
        yield from redrive_some(store.app, some, "asked for by hand", dry=dry, by=by, at=at, look_again=look_again)


def _operator() -> str:
    """Who is at the terminal, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def _show(listed: "Sequence[Dead]") -> None:
    table = Table(*COLUMNS, box=None)
    for column in table.columns:
        # Whole: ids are copied into `redrive --id`. A narrow terminal wraps the line.
        column.no_wrap = True
    for one in listed:
        died = one.died_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        values = (died, one.recipient, one.kind, one.transition, one.target, one.channel, one.attempts, one.reason)
        table.add_row(*(_plain(value) for value in (*values, one.notification)))
    Console(highlight=False, width=WIDTH).print(table, markup=False)


def _plain(value: object) -> str:
    # Recipients and reasons come from outside: what is no printable character must not reach the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))
