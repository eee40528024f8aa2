"""`targets`: many of them at once, from a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid5

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.commands.options import DataOption, JsonOption, console, errors, opened_store
from deploy.trouble import Trouble
from domain.alerts.wording import counted

if TYPE_CHECKING:
    from domain.importing import Import, Imported, Row
    from projections.store import Store

FILES = UUID("e1c2b8d4-7f36-5e0a-9d41-2b6c8f0a3e57")
"""Rows without a key get their ids from the file that they stand in: the same file again changes nothing."""
BYTES_MAX = 20 * 1024 * 1024
AT_ONCE = 20
BY = "import"
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each row.")]


def import_targets(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8, with a header of field names.")],
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Define the targets of a table, such as a year of them, one a line.

    Columns are fields of a definition: name, metric, unit, kind, goal, start, end, time_zone, checkpoints (a rule, or
    dates with | between them), pacing, owner, team (a|b), scope (region=emea|us;channel=web), bounds.min,
    comparison.start, numerator.metric and so on; activate is true, false or at_start. Empty cells are left out.

    A row with a key (a column of your own words) makes one target, however often it is imported; without keys, the
    same file again changes nothing. Good rows are made, bad ones are said with line, column and rule, and the exit
    code is 0. It is 1 when not one row could be taken.
    """
    text = _read(file)
    with opened_store(data) as store:
        taken: list[Imported] = []
        for imported in _all(_import_of(store, text, dry_run), text, file):
            taken.append(imported)
            if as_json:
                print(orjson.dumps(_told(imported)).decode())
    if not as_json:
        _report(file, taken, dry_run)
    if not taken:
        raise Trouble(f"{file} holds no targets")
    if all(one.refused is not None for one in taken):
        raise Trouble("not one target could be taken")


def _read(file: Path) -> str:
    if file.is_dir():
        raise Trouble(f"{file} is a directory: name a file in it")
    if not file.is_file():
        raise Trouble(f"there is no file {file}")
    if file.stat().st_size > BYTES_MAX:
        raise Trouble(f"{file} has more than {BYTES_MAX // 1024**2} MiB: split it")
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Trouble(f"{file} is no UTF-8: save it as CSV UTF-8") from None


def _import_of(store: "Store", text: str, dry_run: bool) -> "Import":
    from deploy.holiday_calendars import holidays_in
    from deploy.timezones import tz_version
    from domain.defining import Resolving
    from domain.importing import Import

    with store.app.writing() as log:
        known = Resolving(log.metrics(), tz_version, holidays_in)
    return Import(store.app, known, seed=uuid5(FILES, text), dry_run=dry_run, by=BY, at=datetime.now(UTC))


def _all(taking: "Import", text: str, file: Path) -> "Iterator[Imported]":
    from domain.target_tables import rows_of

    rows: Iterator[Row] = rows_of(text)
    with _bar(file, text.count("\n")) as seen:
        while batch := list(islice(rows, AT_ONCE)):
            yield from taking.take(batch)
            seen(batch[-1].line)


@contextmanager
def _bar(file: Path, lines: int) -> Iterator[Any]:
    """A progress bar in a terminal, by lines; elsewhere nothing."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        disable=not errors.is_terminal,
    )
    task = bar.add_task(f"Importing {file.name}", total=lines)
    with bar:
        yield lambda line: bar.update(task, completed=line)


def _told(one: "Imported") -> dict[str, Any]:
    from domain.target_tables import column_of

    said = {"line": one.line, "result": one.result, "key": one.key, "name": one.name, "id": one.id}
    if one.refused is not None:
        column = column_of(one.refused.field) or None
        said |= {"code": one.refused.code, "detail": one.refused.detail, "column": column}
    return said


def _report(file: Path, taken: "list[Imported]", dry_run: bool) -> None:
    from domain.importing import counts_of

    counts = counts_of(taken)
    would = "would be " if dry_run else ""
    made = f"{counts['made']:,} {would}made, {counts['unchanged']:,} unchanged, {counts['refused']:,} refused"
    bad = [one for one in taken if one.refused is not None]
    if bad:
        table = Table("line", "name", "column", "code", "detail", box=None)
        for one in bad:
            told = _told(one)
            cells = (one.line, one.name, told["column"], told["code"], told["detail"])
            table.add_row(*(_printable(cell) for cell in cells))
        console.print(table, markup=False)
    console.print(f"{counted(len(taken), 'target')} read from {file}: {made}", soft_wrap=True, markup=False)


def _printable(value: object) -> str:
    # Names come from outside: what is no printable character must not reach the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in str(value or "-"))
