"""`demo`: `up`, with a small company's month in it."""

import asyncio
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from deploy.commands.options import console
from deploy.endpoints import find_endpoints
from deploy.logs import configure_logs
from deploy.running import stop_on_signals
from deploy.settings import read_settings
from deploy.up import Up

if TYPE_CHECKING:
    from deploy.demo import DemoTarget
    from projections.store import Store

TELL_EVERY = 10
"""Sales between two times that the figures are shown."""


def demo(
    data: Annotated[Path, typer.Option(metavar="DIR", help="Keeps the demo's data apart from your own.")] = Path(
        ".milemarker/demo"
    ),
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any that is free")] = 0,
    sales: Annotated[int, typer.Option(min=0, help="End after so many live sales; 0: never", hidden=True)] = 0,
) -> None:
    """Show a small company's month: 13 targets, the sales so far, and live ones trickling in. Ctrl-C stops it.

    Nothing leaves this machine. A second demo on the same directory carries on where the first one was.
    """
    stop = stop_on_signals()
    settings = read_settings(data).model_copy(update={"port": port, "database_url": None, "nats_url": None})
    configure_logs("warning")
    telling: list[threading.Thread] = []

    def ready(url: str, directory: Path) -> None:
        telling.append(
            threading.Thread(target=_show, args=(url, directory, stop.event, sales), name="demo", daemon=True)
        )
        telling[0].start()

    Up(settings, stop.event, ready).run()
    for thread in telling:
        thread.join()


def _show(url: str, directory: Path, stop: threading.Event, sales: int) -> None:
    from deploy import demo as company
    from projections.store import open_store

    endpoints = find_endpoints(read_settings(directory), data_given=True)
    now = datetime.now(UTC)
    with open_store(endpoints.database) as store:
        targets = company.define_targets(store, now)
        with console.status("recording the month so far"):
            new = asyncio.run(company.record_so_far(endpoints.nats, now, lambda why: None))
        console.print(
            f"\n[bold]Milemarker is up:[/bold] {url} ({new:,} sales of this month recorded now)", soft_wrap=True
        )
        console.print(
            f"The admin's key is in {directory / 'admin.key'}; {url}/docs shows what to ask.\n", soft_wrap=True
        )
        _follow(store, targets)
        asyncio.run(_trickle(store, endpoints.nats, targets, stop, sales))


def _follow(store: "Store", targets: "list[DemoTarget]") -> None:
    """The figures of every target, as its page would show them."""
    from domain.figures import figures
    from projections.plans import PLANS
    from projections.status import STATUSES

    table = Table("target", "actual", "expected", "variance", "pace", "goal", "live status", title="Where they stand")
    with store.views.datastore.cursor() as curs:
        curs.execute(
            "SELECT s.id, s.row::text AS status, p.row::text AS plan FROM statuses AS s JOIN plans AS p USING (id)"
            " WHERE s.id = ANY(%s)",
            ([target.id for target in targets],),
        )
        rows = {row["id"]: row for row in curs}
    for target in targets:
        if target.id not in rows:
            continue
        plan = PLANS.decoder.decode(rows[target.id]["plan"])
        row = STATUSES.decoder.decode(rows[target.id]["status"])
        now = figures(plan, plan.curve(), row.standing, datetime.now(UTC))
        table.add_row(
            target.name,
            *(_dollars(text) for text in (now.actual, now.expected, now.variance)),
            now.pace_index or "",
            f"${Decimal(now.goal):,.0f}",
            now.live_status.replace("_", " "),
        )
    console.print(table)


def _dollars(text: str) -> str:
    amount = Decimal(text)
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


async def _trickle(
    store: "Store", nats_url: str, targets: "list[DemoTarget]", stop: threading.Event, sales: int
) -> None:
    from deploy import demo as company

    ended = asyncio.Event()
    told = 0

    def tell(sale: dict[str, Any]) -> None:
        nonlocal told
        told += 1
        who = f"{sale['dimensions']['rep']}, {sale['dimensions']['region']}"
        console.print(f"  {sale['kind']:>6}  {sale['amount']:>9} {sale['unit']}  {who}")
        if told % TELL_EVERY == 0:
            _follow(store, targets)
        if told == sales:
            stop.set()

    trickling = asyncio.create_task(company.trickle(nats_url, ended, tell))
    await asyncio.to_thread(stop.wait)
    ended.set()
    await trickling
