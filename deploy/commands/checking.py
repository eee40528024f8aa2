"""`verify`, `rebuild`: the figures proved, the read models made anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.commands.options import DataOption, console, errors, opened_store

SHOW_EVERY = 100


def verify(data: DataOption = None) -> None:
    """Recompute every figure from the facts, and name each that differs.

    The ledger's sum, the targets' own facts and the rows of the read models are compared at one position of the
    log. Exit code 1 when something differs.
    """
    from projections.verification import verify as verify_all

    with opened_store(data) as store, progress_bar("Verifying") as progress:
        verdict = verify_all(store, progress)
    for difference in verdict.differences:
        console.print(difference, markup=False, soft_wrap=True)
    console.print(verdict.summary, markup=False, soft_wrap=True)
    if verdict.differences:
        raise typer.Exit(1)


def rebuild(
    views: Annotated[list[str] | None, typer.Argument(metavar="VIEW", help="Which ones. Default: all")] = None,
    data: DataOption = None,
) -> None:
    """Make read models anew from position 0, beside the old ones, and swap them in once they have caught up.

    Readers see the old rows until then, and nothing is sent to anyone.
    """
    with opened_store(data) as store:
        known = store.views.views
        for name in views or []:
            if name not in known:
                raise typer.BadParameter(f"there is no view {name}; there are: {', '.join(known)}")
        for name in dict.fromkeys(views or known):
            with progress_bar(f"Rebuilding {name}") as progress:
                position = store.views.rebuild(name, progress)
            console.print(f"{name}: rebuilt up to position {position:,}")


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Called with (done, in all), often: shown now and then, and where there is a terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        disable=not errors.is_terminal,
    )
    task = bar.add_task(what, total=None)
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done - shown >= SHOW_EVERY or done >= total:
            shown = done
            bar.update(task, completed=done, total=total)

    with bar:
        yield progress
