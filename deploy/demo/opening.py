"""The first lines that a newcomer sees: what is being set up, then where to look and what will happen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from deploy.demo.company import HEAD
from deploy.demo.push import GOAL, Push
from deploy.demo.wording import said_time
from deploy.login_links import works
from deploy.own_command import own_command

WIDTH = 100


class Steps:
    """Progress bars, one below the other, until the opening; the next step ends the one before."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/green]"),
            TextColumn("{task.description}"),
            BarColumn(20),
            TimeElapsedColumn(),
            console=console,
        )
        self._now: TaskID | None = None

    def __enter__(self) -> "Steps":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, what: str, total: int | None = None) -> None:
        self._finish()
        self._now = self._progress.add_task(what, total=total)

    def advance(self, by: int) -> None:
        assert self._now is not None
        self._progress.advance(self._now, by)

    def end(self) -> None:
        self._finish()
        self._progress.stop()

    def _finish(self) -> None:
        if self._now is not None:
            self._progress.update(self._now, total=1, completed=1)
            self._progress.stop_task(self._now)


@dataclass(frozen=True)
class Opening:
    """link: signs a browser in, once, as the owner of the key; sales: how many are recorded."""

    url: str
    link: str
    key: str
    directory: Path
    push: Push
    sales: int

    def show(self, console: Console, table: Table, now: datetime) -> None:
        first = self.push.plan.cutoffs[0]
        # To the whole second above: the opening itself takes a moment.
        seconds = max(0, -(-(first - now) // timedelta(seconds=1)))
        looks = Table.grid(padding=(0, 1))
        for what in (
            f"The overview: company, regions and reps, who is ahead and who is not ({self.sales:,} sales recorded).",
            f"{self.push.plan.name}: ${GOAL:,} in an hour. Its first checkpoint is at {said_time(first)}, in {seconds}"
            " seconds: then the verdict comes, on its page and below.",
            "Company revenue: checkpoints, milestones and tasks; Ana may tick them off, and you are Ana.",
            "APAC revenue: at risk, and what Mei says of it; then conversion, churn and uptime.",
        ):
            looks.add_row("•", what)
        told = Text.assemble(
            "Below, sales come in, one every few seconds, and ",
            ("notifications", "bold"),
            " as the company's people get them: signed webhooks, to this very process. Times are New York's. ",
            "Nothing leaves this machine. ",
            ("Ctrl-C", "bold"),
            " stops everything; the same command carries on.",
        )
        inside = Group(Text(self.url, style="bold"), Text(), looks, Text(), told)
        console.print()
        console.print(table)
        console.print()
        width = min(WIDTH, console.width)
        console.print(Panel(Padding(inside, (1, 1)), title="[bold]Milemarker is up[/bold]", width=width))
        # Outside the panel and not wrapped, so that it can be clicked and copied.
        again = f"{own_command()} login --data {quote(str(self.directory))} --key {self.key}"
        console.print(f"Open this link in your browser; it signs you in as {HEAD}:", soft_wrap=True)
        console.print(Text(f"  {self.link}", style="bold cyan"), soft_wrap=True)
        console.print(Text(f"It {works()}; `{again}` prints another one.\n"), soft_wrap=True)
