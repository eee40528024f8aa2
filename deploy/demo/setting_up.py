"""Sets the company up on a running Milemarker: targets, milestones, subscriptions, and today's push."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from deploy.demo.company import HEAD, REGIONS, DemoTarget, today
from deploy.demo.memory import Memory
from deploy.demo.metrics import METRICS
from deploy.demo.milestones import plan_of_company, plan_of_regions, plan_what_comes_next
from deploy.demo.other_targets import signups_target
from deploy.demo.people import plan_months_to_come, post_updates, raise_goal
from deploy.demo.push import Push, lay_aside, push_at
from deploy.demo.subscriptions import EVERYTHING, OF_A_PUSH, TURNS, Sink, Subscriptions
from deploy.demo.targets import Targets, activate_drafts, are_filled, define_missing
from deploy.demo.wording import Standing
from domain.application import Milemarker
from domain.figures import Figures, figures
from projections.keys import Keys
from projections.plans import PLANS
from projections.status import STATUSES
from projections.store import Store

POLL_S = 0.1
SETTLED_WITHIN_S = 15.0


@dataclass(frozen=True)
class Company:
    """What there is once all is set up."""

    targets: Targets
    push: Push


def set_up(store: Store, memory: Memory, sink: Sink, now: datetime, stop: threading.Event) -> Company | None:
    """None when `stop` was set meanwhile. The same again finds what is there, and begins another push."""
    app, targets = store.app, Targets(now)
    define_missing(app, targets.all, now)
    # Planned before anything counts, so that whatever sales achieve names its sale; heard of from here on, so that
    # of all that is past each hears of the latest alone.
    plan_of_company(app, targets.company, now)
    plan_of_regions(app, targets.regions, now)
    _subscribe(Subscriptions(app, sink, now), targets)
    activate_drafts(app, targets.all, now)
    if not _wait_until_filled(app, targets.all, stop):
        return None
    plan_what_comes_next(app, targets.company, now)
    plan_months_to_come(app, targets.first, now)
    _wait_until_shown(store, targets.all, now, stop)
    by_now = datetime.now(UTC)
    post_updates(app, targets.regions, by_now)
    raise_goal(app, signups_target(targets.first), today(now), by_now)
    return None if stop.is_set() else Company(targets, _begin_push(app, memory, sink))


def end_earlier_push(app: Milemarker, memory: Memory, sink: Sink, now: datetime) -> None:
    """Before anybody evaluates or tells anything: its news would be of an hour that nobody looks at any more."""
    if memory.push is None:
        return
    push = UUID(memory.push)
    Subscriptions(app, sink, now).end(push)
    lay_aside(app, push, now)


def define_metrics(app: Milemarker, now: datetime) -> None:
    """Before anything is counted in them: a first use would take a percent to be whole."""
    for metric in METRICS:
        app.define_metric(metric, by=HEAD, at=now)


def sales_recorded(store: Store) -> int:
    """Of every kind, each counted once however often it came."""
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT count(*) AS many FROM sale_identities")
        (row,) = curs.fetchall()
    return int(row["many"])


def key_of_head(store: Store, memory: Memory, now: datetime) -> str:
    """The id of the key that a browser is signed in with. Nobody needs to know the key itself."""
    keys = Keys(store.views.datastore)
    if memory.key is None or all(one.id != memory.key or one.revoked_at for one in keys.listed()):
        memory.key = keys.create("manager", HEAD, None, now).split("_")[1]
    return memory.key


def _subscribe(subscriptions: Subscriptions, targets: Targets) -> None:
    subscriptions.keep(targets.company.id, HEAD, webhook=EVERYTHING, inbox=EVERYTHING)
    for region, target in zip(REGIONS, targets.regions, strict=True):
        subscriptions.keep(target.id, region.lead, webhook=TURNS, inbox=EVERYTHING)
    for target in targets.others:
        assert target.plan.owner is not None
        subscriptions.keep(target.id, target.plan.owner, webhook=(), inbox=EVERYTHING)


def _wait_until_filled(app: Milemarker, targets: Sequence[DemoTarget], stop: threading.Event) -> bool:
    while not are_filled(app, targets):
        if stop.wait(POLL_S):
            return False
    return True


def _wait_until_shown(store: Store, targets: Sequence[DemoTarget], now: datetime, stop: threading.Event) -> None:
    """Until the checkpoints that were past are evaluated; the page would follow by itself, the table doesn't."""
    past = {one.id: sum(cutoff <= now for cutoff in one.plan.cutoffs) for one in targets}
    for _ in range(round(SETTLED_WITHIN_S / POLL_S)):
        found = _statuses(store, targets)
        if all(one in found and found[one][0] >= many for one, many in past.items()):
            return
        if stop.wait(POLL_S):
            return


def _begin_push(app: Milemarker, memory: Memory, sink: Sink) -> Push:
    now = datetime.now(UTC)
    subscriptions = Subscriptions(app, sink, now)
    push = push_at(now)
    app.define_target(push.id, push.plan, activate=False, by=HEAD, at=now)
    subscriptions.keep(push.id, HEAD, webhook=OF_A_PUSH, inbox=OF_A_PUSH)
    app.activate_target(push.id, by=HEAD, at=now)
    memory.push = str(push.id)
    memory.month = today(now).replace(day=1).isoformat()
    return push


def standings(store: Store, targets: Sequence[DemoTarget]) -> list[Standing]:
    """The figures of these targets, as their pages show them."""
    found = _statuses(store, targets)
    return [Standing(one.plan.name, one.plan.unit, found[one.id][1]) for one in targets if one.id in found]


def _statuses(store: Store, targets: Sequence[DemoTarget]) -> dict[UUID, tuple[int, Figures]]:
    """How many checkpoints were evaluated, and the figures."""
    with store.views.datastore.cursor() as curs:
        curs.execute(
            "SELECT s.id, s.row::text AS status, p.row::text AS plan FROM statuses AS s JOIN plans AS p USING (id)"
            " WHERE s.id = ANY(%s)",
            ([target.id for target in targets],),
        )
        rows = curs.fetchall()
    now, found = datetime.now(UTC), {}
    for row in rows:
        plans = PLANS.decoder.decode(row["plan"])
        standing = STATUSES.decoder.decode(row["status"]).standing
        found[row["id"]] = (standing.evaluated, figures(plans.course, standing, now))
    return found
