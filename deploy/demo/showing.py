"""The demo from the first line to the last: sets up, says where to look, and lets sales and notifications come in."""

import asyncio
import os
import queue
import random
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from deploy.demo.company import month_of, today
from deploy.demo.feed import months_to_tell, publish, sales_until, wait_until_counted
from deploy.demo.live_sales import Rung, Till
from deploy.demo.memory import recall, remember
from deploy.demo.opening import Opening, Steps
from deploy.demo.push import Push
from deploy.demo.setting_up import define_metrics, end_earlier_push, key_of_head, sales_recorded, set_up, standings
from deploy.demo.sink import Inbox, listening
from deploy.demo.subscriptions import Sink
from deploy.demo.trickling import trickle
from deploy.demo.wording import said_next_checkpoint, said_notification, said_sale, table_of
from deploy.directory import LOOPBACK, free_port
from deploy.endpoints import find_endpoints
from deploy.login_links import login_link
from deploy.running import Stop
from deploy.settings import Settings
from deploy.up import Up
from domain.alerts.wording import counted
from domain.delivery.endpoint import SECRET_BYTES, secret_of
from projections.store import open_store

ENDS_WITHIN_S = 5.0
HEARD_WITHIN_S = 30.0
POLL_S = 0.2
CONNECTIONS_MAX = 4


class Show:
    """One start of the demo. sales_max: end after so many live sales, once somebody has heard of the push; 0: never."""

    def __init__(self, console: Console, settings: Settings, stop: Stop, sales_max: int) -> None:
        self._console = console
        self._settings = settings
        self._stop = stop
        self._sales_max = sales_max
        self._memory = recall(settings.data.resolve())
        self._failure: Exception | None = None
        self._threads: list[threading.Thread] = []
        anew = self._memory.secret is None
        secret = self._memory.secret = self._memory.secret or secret_of(os.urandom(SECRET_BYTES))
        port = self._memory.port = free_port(self._memory.port)
        self._sink = Sink(f"http://{LOOPBACK}:{port}/notifications", secret, anew)
        self._inbox = Inbox(secret)
        self._steps = Steps(console)
        self._printing = threading.Lock()
        self._was_quiet = False
        self._heard_of_push = threading.Event()
        self._now = datetime.now(UTC)

    def run(self) -> None:
        """Until it is stopped. Raises what `Up` raises, and whatever goes wrong beside it."""
        with ExitStack() as stack:
            assert self._memory.port is not None
            stack.enter_context(listening(self._inbox, self._memory.port))
            stack.enter_context(self._steps)
            self._steps.begin("Starting PostgreSQL and NATS")
            Up(self._settings, self._stop.event, self._ready, self._prepared).run()
            for thread in self._threads:
                thread.join(ENDS_WITHIN_S)
        if self._failure is not None:
            raise self._failure

    def _prepared(self, database_url: str, nats_url: str) -> None:
        """Sales first: they are all there before anybody evaluates a checkpoint, of a time without a demo, too.

        And of the push of an earlier start nothing is evaluated any more.
        """
        with open_store(database_url, connections_max=CONNECTIONS_MAX) as store:
            define_metrics(store.app, self._now)
            end_earlier_push(store.app, self._memory, self._sink, self._now)
        shown_last = None if self._memory.month is None else date.fromisoformat(self._memory.month)
        months = months_to_tell(month_of(today(self._now))[0], shown_last)
        sales = list(sales_until(months, self._now))
        self._steps.begin(f"Sending {counted(len(sales), 'sale')} of {counted(len(months), 'month')}", len(sales))
        publish(nats_url, sales, self._steps.advance)
        self._steps.begin("Starting ingest, workers, projections and HTTP")

    def _ready(self, url: str, directory: Path) -> None:
        self._start("demo", lambda: self._show(url, directory))

    def _start(self, name: str, work: Callable[[], None]) -> None:
        """In a thread of its own; whatever goes wrong there ends the demo, and is said by `run`."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - raised in the main thread, which tells it
                # Once the servers are being stopped, they are missed everywhere.
                if not self._stop.event.is_set():
                    self._failure = error
                self._stop.request()

        self._threads.append(threading.Thread(target=run, name=name, daemon=True))
        self._threads[-1].start()

    def _show(self, url: str, directory: Path) -> None:
        stop = self._stop.event
        endpoints = find_endpoints(self._settings, data_given=True)
        self._steps.begin("Counting the sales")
        if not wait_until_counted(endpoints.nats, stop):
            return
        self._steps.begin("Setting targets, and evaluating what is past")
        with open_store(endpoints.database, connections_max=CONNECTIONS_MAX) as store:
            company = set_up(store, self._memory, self._sink, self._now, stop)
            if company is None:
                return
            key, now = key_of_head(store, self._memory, self._now), datetime.now(UTC)
            sales = sales_recorded(store)
            remember(directory, self._memory)
            targets = company.targets
            beside = [one for one in targets.others if one.plan.parent is None]
            stand = [
                (f"{targets.first:%B %Y}: more than a year before", standings(store, targets.this_month)),
                ("Beside revenue", standings(store, beside)),
                (f"{targets.before[0].plan.start:%B %Y}: more than a year before", standings(store, targets.before)),
            ]
        self._steps.end()
        link = login_link(endpoints.database, url, key, now)
        opening = Opening(url, link, key, directory, company.push, sales)
        opening.show(self._console, table_of(stand), datetime.now(UTC))
        self._start("notifications", lambda: self._print_notifications(url, company.push))
        till = Till(company.push, random.Random(company.push.campaign))
        asyncio.run(trickle(endpoints.nats, till, stop, self._print_sale, self._sales_max))
        if self._sales_max:
            self._heard_of_push.wait(HEARD_WITHIN_S)
        self._stop.request()

    def _print_sale(self, rung: Rung, at: datetime) -> None:
        self._print(said_sale(rung, at), quiet=True)

    def _print_notifications(self, url: str, push: Push) -> None:
        while not self._stop.event.is_set():
            try:
                body = self._inbox.waiting.get(timeout=POLL_S)
            except queue.Empty:
                continue
            now = datetime.now(UTC)
            self._print(said_notification(body, url, now), quiet=False)
            if body["target"] != str(push.id):
                continue
            self._heard_of_push.set()
            coming = said_next_checkpoint(push, now)
            if coming is not None and "checkpoint" in body["data"]:
                self._print(coming, quiet=True)

    def _print(self, what: Text, *, quiet: bool) -> None:
        """An empty line stands between what is quiet and what is not."""
        with self._printing:
            if not quiet and self._was_quiet:
                self._console.print()
            self._console.print(what, soft_wrap=True)
            self._was_quiet = quiet
