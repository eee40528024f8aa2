"""The parts as processes: HTTP, workers, projections, each until it is told to stop.

`up` starts several of them together, so nothing is imported here that only people at a terminal need.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from deploy.holiday_calendars import holidays_in
from deploy.importing import importing
from deploy.logs import configure_logs
from deploy.running import Stop, collect_seldom, run_until_stopped, stop_on_signals
from deploy.settings import Settings, read_settings
from deploy.timezones import tz_version
from deploy.trouble import Trouble
from deploy.waiting import wait_for_database, wait_for_nats

if TYPE_CHECKING:
    from projections.store import Store

Run = Callable[[str, "Store", asyncio.Event], Coroutine[Any, Any, None]]

log = structlog.get_logger()


WORKERS = ("ingest", "relay", "checkpoints", "alerts", "delivery")


def worker_named(name: str, settings: Settings) -> Run:
    """One of WORKERS as the settings want it; only what it needs is imported: every process pays for its own."""
    match name:
        case "ingest":
            from workers.ingest import run_ingest

            return run_ingest
        case "relay":
            from workers.relay import run_relay

            return run_relay
        case "checkpoints":
            from workers.checkpoints import Timing, run_checkpoints

            timing = Timing(timedelta(seconds=settings.checkpoint_grace), timedelta(seconds=settings.checkpoint_wait))
            return partial(run_checkpoints, timing=timing, tz_version=tz_version, holidays=holidays_in)
        case "alerts":
            from workers.alerts import run_alerts

            return run_alerts
    from deploy.resolving import Resolver
    from domain.alerts.second_look import look_again
    from workers.delivery import Terms, run_delivery

    terms = Terms(settings.webhook_ladder, allow_loopback=settings.webhook_allow_loopback, look_again=look_again)
    return partial(run_delivery, resolve=Resolver(), terms=terms)


def run_part(words: Sequence[str]) -> None:
    """What `up` says to start one: "worker", "ingest", for example. Raises Trouble."""
    name, *rest = words
    if name == "worker":
        run_worker(rest, owned=True)
    else:
        {"api": run_api, "project": run_project}[name](owned=True)


def run_api(*, owned: bool = False) -> None:
    """HTTP. Raises Trouble."""
    stop, settings = _begin(owned)
    database, nats = production_urls(settings, "api")
    if not wait_for_database(database, stop.event):
        return
    with importing():
        from api.app import build_app
        from api.server import serve
        from api.webhooks import Webhooks
        from deploy.resolving import Resolver
        from projections.store import open_store

    async def work(stopped: asyncio.Event) -> None:
        await serve(app, settings.host, settings.port, stopped, lambda port: log.info("listening", port=port))

    with _logged(), open_store(database) as store:
        app = build_app(
            store,
            database_url=database,
            nats_url=nats,
            tz_version=tz_version,
            holidays=holidays_in,
            revisions_need_approval=settings.revisions_need_approval,
            webhooks=Webhooks(Resolver(), allow_loopback=settings.webhook_allow_loopback),
            rate=settings.rate,
        )
        try:
            run_until_stopped(stop, work)
        except OSError as error:
            raise Trouble(f"can't listen on {settings.host}, port {settings.port}: {error.strerror}") from None
    log.info("stopped")


def run_worker(names: Sequence[str], *, owned: bool = False) -> None:
    """These of WORKERS, or all when none is named. Raises Trouble."""
    stop, settings = _begin(owned)
    database, nats = production_urls(settings, "worker")
    with importing():
        chosen = {name: worker_named(name, settings) for name in WORKERS if not names or name in names}
        from projections.store import open_store
    if not (wait_for_database(database, stop.event) and wait_for_nats(nats, stop.event)):
        return
    if "ingest" in chosen:
        collect_seldom()
    log.info("started", workers=list(chosen))

    async def work(stopped: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for run in chosen.values():
                group.create_task(run(nats, store, stopped))

    with _logged(), open_store(database) as store:
        run_until_stopped(stop, work)
    log.info("stopped")


def run_project(*, owned: bool = False) -> None:
    """The read models. Raises Trouble."""
    stop, settings = _begin(owned)
    database, _ = production_urls(settings, "project")
    if not wait_for_database(database, stop.event):
        return
    collect_seldom()
    log.info("started")
    with importing():
        from projections.following import run_projections
        from projections.store import open_store

    with _logged(), open_store(database) as store:
        run_projections(store, stop.event)
    log.info("stopped")


def production_urls(settings: Settings, what: str) -> tuple[str, str]:
    """DATABASE_URL and NATS_URL, of which a production process needs both. Raises Trouble."""
    if settings.database_url is None or settings.nats_url is None:
        missing = "DATABASE_URL" if settings.database_url is None else "NATS_URL"
        raise Trouble(
            f"{missing} is not set: `milemarker {what}` needs DATABASE_URL and NATS_URL. "
            "To try things out on one machine, `milemarker up` brings both along"
        )
    return settings.database_url.get_secret_value(), settings.nats_url.get_secret_value()


def _begin(owned: bool) -> tuple[Stop, Settings]:
    stop = stop_on_signals(owned=owned)
    settings = read_settings()
    configure_logs(settings.log_level)
    return stop, settings


@contextmanager
def _logged() -> Iterator[None]:
    """What ends a production process stands in its log: a sentence, or the error and where it came up."""
    try:
        yield
    except Trouble as trouble:
        log.error(str(trouble))
        sys.exit(1)
    except ExceptionGroup as failed:
        gone, others = failed.split(ConnectionError)
        if others is None:
            assert gone is not None
            log.error(str(gone.exceptions[0]))
        else:
            log.exception("failed")
        sys.exit(1)
    except Exception:
        log.exception("failed")
        sys.exit(1)
