"""`load`: a file of sales."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from deploy.commands.options import DataOption, console, errors, found_endpoints
from deploy.endpoints import find_endpoints
from deploy.load import Seen, load
from deploy.load_progress import LoadProgress, Tally
from deploy.record_door import RecordDoor
from deploy.sales_file import SalesFile
from deploy.trouble import Trouble
from domain.alerts.wording import counted


def load_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or NDJSON, also gzipped.")],
    source: Annotated[
        str | None, typer.Option(metavar="S", help="The source of sales that name none.", show_default=False)
    ] = None,
    data: DataOption = None,
) -> None:
    """Load sales from a file, and end when all are committed.

    NDJSON holds one sale a line. CSV begins with a header of field names, and has one sale a line; a column
    `dimensions.region` gives the dimension region; empty cells are left out. A load that was cut off goes on
    where it was when the same file is loaded again; a finished file is read anew, and its sales are duplicates.
    What is refused stands in a file with line, code and reason; the others count all the same, and the exit code is
    0. It is 1 when not one sale could be taken.
    """
    settings, endpoints = found_endpoints(data)
    if file.is_dir():
        raise Trouble(f"{file} is a directory: name a file in it")
    if not file.is_file():
        raise Trouble(f"there is no file {file}")
    progress = LoadProgress(settings.data.resolve(), file, source)
    if progress.open():
        console.print(f"Going on after line {progress.tally.line:,}, where the last load was cut off.")

    def where() -> str:
        return find_endpoints(settings, data_given=data is not None).nats if data or endpoints.http else endpoints.nats

    with _Bar(file) as bar:
        parts = SalesFile(file, source).parts(progress.tally.offset, progress.tally.line)
        try:
            asyncio.run(load(parts, RecordDoor(where, bar.waits), progress, bar.seen))
        except KeyboardInterrupt:
            done = progress.tally
            raise Trouble(f"cut off after line {done.line:,}: the same command goes on there") from None
    progress.finish()
    _report(file, progress.tally, progress.refused_file)


def _report(file: Path, tally: Tally, refused_file: Path) -> None:
    console.print(
        f"{counted(tally.sales, 'sale')} read from {file}: {tally.accepted:,} accepted, "
        f"{counted(tally.duplicates, 'duplicate')}, "
        f"{tally.refused:,} refused",
        soft_wrap=True,
    )
    if tally.refused:
        console.print(f"What was refused and why: {refused_file}", soft_wrap=True)
    if not tally.sales:
        raise Trouble(f"{file} holds no sales")
    if tally.refused == tally.sales:
        raise Trouble("not one sale could be taken")


class _Bar:
    """A progress bar in a terminal; elsewhere only what is waited for is said."""

    def __init__(self, file: Path) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[sales]:,} sales, {task.fields[rate]:,.0f}/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[waits]}"),
            console=errors,
            disable=not errors.is_terminal,
        )
        self._task = self._bar.add_task(f"Loading {file.name}", total=file.stat().st_size, sales=0, rate=0.0, waits="")
        self._before: int | None = None
        self._waits: str | None = None

    def __enter__(self) -> "_Bar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def seen(self, seen: Seen) -> None:
        if self._before is None:
            self._before = seen.tally.sales
        elapsed = self._bar.tasks[0].elapsed or 0.0
        rate = (seen.tally.sales - self._before) / elapsed if elapsed else 0.0
        self._bar.update(self._task, completed=seen.read, sales=seen.tally.sales, rate=rate)

    def waits(self, why: str | None) -> None:
        """Said when it changes: in the bar, or as a line where there is none."""
        if why == self._waits:
            return
        self._waits = why
        if errors.is_terminal:
            self._bar.update(self._task, waits=why or "")
        else:
            errors.print(why or "going on")
