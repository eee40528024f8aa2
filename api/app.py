"""Puts the HTTP API together: what it needs comes in as parameters, what it opens is closed at the end."""

import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api.alerts import Alerts
from api.answer_headers import AnswerHeaders
from api.auth import Admission, Callers, Visitors
from api.checkpoints import Checkpoints
from api.dashboard.milestone_forms import MilestoneForms
from api.dashboard.overview import Overview
from api.dashboard.pages import Dashboard
from api.dashboard.proposal_forms import ProposalForms
from api.dashboard.rendering import Pages
from api.dashboard.signing_in import SigningIn, WrongTries
from api.dashboard.target_page import TargetPage
from api.dashboard.update_forms import UpdateForms
from api.database import Database
from api.documentation.answers import ANSWERS
from api.documentation.introduction import DESCRIPTION, UNFOLDED
from api.documenting import document
from api.door import Door
from api.events import Events
from api.forecasts import Forecasts
from api.health import Health
from api.imports import Imports
from api.known_forecasts import KnownForecasts
from api.limits import BodyLimit, RateLimit
from api.live import Live
from api.live_statuses import LiveStatuses
from api.live_timing import Timing
from api.look_back import LooksBack
from api.member_bodies import BODIES as MEMBER_BODIES
from api.members import Members
from api.metrics import Metrics
from api.milestone_bodies import BODIES as MILESTONE_BODIES
from api.milestone_reads import MilestoneReads
from api.milestone_writes import MilestoneWrites
from api.milestones import Milestones
from api.move_bodies import BODIES as MOVE_BODIES
from api.notifications import Notifications
from api.problems import answer_problems
from api.proposals import Proposals
from api.rate_bodies import BODIES as RATE_BODIES
from api.rates import RateTables
from api.revision_bodies import BODIES as REVISION_BODIES
from api.revisions import Revisions
from api.routes import Routes
from api.sale_reads import SaleReads
from api.sales import Sales
from api.subscription_bodies import BODIES as SUBSCRIPTION_BODIES
from api.subscriptions import Subscriptions
from api.target_bodies import BODIES as TARGET_BODIES
from api.target_moves import TargetMoves
from api.target_parts import TargetParts
from api.target_reads import TargetReads
from api.target_writes import TargetWrites
from api.targets import Targets
from api.template_bodies import BODIES as TEMPLATE_BODIES
from api.templates import Templates
from api.update_bodies import BODIES as UPDATE_BODIES
from api.updates import Updates
from api.webhooks import Webhooks
from api.writes import Writes
from domain.calendar import Holidays
from domain.defining import no_holidays
from projections.keys import Keys
from projections.sessions import Sessions
from projections.store import Store

RATE = 1_000
SIGN_INS = 5
SIGN_INS_IN_ALL = 50
WRITERS_MAX = 4
"""Writers wait for the log's lock one behind another: more threads would only wait too."""
FINDERS_MAX = 2
"""Threads that look up keys."""
FORECASTERS_MAX = 1
"""Forecasts are work of the processor alone: more threads would only take turns."""
LOOKERS_BACK_MAX = 2
"""Each reads facts of one target, perhaps many; whoever asks more waits."""

BODIES = (
    *TARGET_BODIES,
    *REVISION_BODIES,
    *MEMBER_BODIES,
    *RATE_BODIES,
    *MOVE_BODIES,
    *TEMPLATE_BODIES,
    *MILESTONE_BODIES,
    *UPDATE_BODIES,
    *SUBSCRIPTION_BODIES,
)


def build_app(
    store: Store,
    *,
    database_url: str,
    nats_url: str,
    tz_version: Callable[[str], str],
    holidays: Holidays = no_holidays,
    webhooks: Webhooks,
    version: str = "0.1.0",
    revisions_need_approval: bool = False,
    rate: int = RATE,
    sign_ins: int = SIGN_INS,
    sign_ins_in_all: int = SIGN_INS_IN_ALL,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    seconds: Callable[[], float] = time.monotonic,
    timing: Timing | None = None,
) -> FastAPI:
    """The API. The store stays its caller's to close.

    rate: requests a second that one key may make; sign_ins: wrong tries to sign in a second from one
    address; sign_ins_in_all: from all;
    tz_version: time zone name -> version of its data; holidays: those of a country; revisions_need_approval: by
    another person than who asks for them; webhooks: how the URL of a subscription is checked; clock: the time, in UTC;
    seconds: a clock that never goes back; timing: of live streams.
    """
    database, door = Database(database_url), Door(nats_url)
    # Readers, too, have keys: they must not wait behind writers.
    writing, finding = ThreadPoolExecutor(WRITERS_MAX, "writes"), ThreadPoolExecutor(FINDERS_MAX, "keys")
    forecasting = ThreadPoolExecutor(FORECASTERS_MAX, "forecasts")
    looking_back = ThreadPoolExecutor(LOOKERS_BACK_MAX, "looking back")
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Milemarker",
        version=version,
        description=DESCRIPTION,
        lifespan=_lifespan(database, door, writing, finding, forecasting, looking_back),
        redirect_slashes=False,
        swagger_ui_parameters=UNFOLDED,
    )
    keys, sessions = Keys(store.views.datastore), Sessions(store.views.datastore)
    visitors = Visitors(
        Callers(keys.find, finding, seconds),
        Callers(lambda token: sessions.find(token, clock()), finding, seconds),
    )
    requests = RateLimit(rate, seconds)
    admission = Admission(visitors, requests)
    reads, writes = TargetReads(database, clock), Writes(store.app, writing)
    forecasts, looks_back = KnownForecasts(forecasting), LooksBack(store, looking_back, clock)
    target_writes = TargetWrites(writes, reads, database, clock, tz_version, holidays)
    live = Live(database.view_positions, visitors.may, timing=timing)
    app.state.end_streams = live.end
    routes = Routes(app.router, admission)
    # In order of how often they are asked: routes are tried one after another.
    Targets(target_writes, reads, forecasts, looks_back, database, clock).add_to(routes)
    Sales(door, SaleReads(database, reads), database).add_to(routes)
    TargetParts(reads, database, clock).add_to(routes)
    Checkpoints(reads, looks_back, database).add_to(routes)
    Forecasts(reads, forecasts, database).add_to(routes)
    Revisions(target_writes, reads, database, clock, need_approval=revisions_need_approval).add_to(routes)
    Proposals(target_writes, reads, database, clock).add_to(routes)
    Members(writes, reads, database, clock).add_to(routes)
    TargetMoves(target_writes, clock).add_to(routes)
    Imports(target_writes, clock).add_to(routes)
    Templates(target_writes, database, clock).add_to(routes)
    Milestones(writes, reads, database, clock).add_to(routes)
    Updates(writes, reads, database, clock).add_to(routes)
    Notifications(database).add_to(routes)
    Subscriptions(writes, database, webhooks, clock).add_to(routes)
    Alerts(database).add_to(routes)
    Metrics(writes, database, clock).add_to(routes)
    RateTables(writes, database, clock).add_to(routes)
    Events(database).add_to(routes)
    LiveStatuses(live, reads).add_to(routes)
    Health(database, door).add_to(app.router)
    pages = Pages()
    tries = WrongTries(RateLimit(sign_ins, seconds), RateLimit(sign_ins_in_all, seconds))
    signing_in = SigningIn(pages, visitors, sessions, finding, tries, clock, live.leave)
    overview, target_page = Overview(pages, reads, database, clock), TargetPage(pages, reads, forecasts, database)
    forms = MilestoneForms(MilestoneWrites(writes, database, clock), MilestoneReads(database))
    update_forms = UpdateForms(writes, reads, database, clock)
    proposal_forms = ProposalForms(target_writes, database, clock)
    dashboard = Dashboard(pages, visitors, requests, live, overview, target_page, forms, proposal_forms, update_forms)
    for one in (pages, signing_in, dashboard):
        one.add_to(app.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(AnswerHeaders)
    answer_problems(app)
    dashboard.answer_unknown(app)
    document(app, BODIES, *ANSWERS)
    return app


def _lifespan(
    database: Database, door: Door, *threads: ThreadPoolExecutor
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            for executor in threads:
                opened.callback(executor.shutdown, wait=False)
            await database.open()
            opened.push_async_callback(database.close)
            await door.open()
            opened.push_async_callback(door.close)
            yield

    return lifespan
