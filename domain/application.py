"""The use cases: load, decide, save, return the position.

One writer at a time: whoever writes holds the log's insert lock while it looks, decides and saves, so what it
decides on can't change before it commits, and nothing is ever decided twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import BaseAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper
from eventsourcing.utils import Environment, EnvType

from domain.agenda import Agenda
from domain.alerts.audience import Audience
from domain.archive import Archive
from domain.defining import people_of
from domain.delivery.outbox import Deliveries, Endpoints
from domain.facts import LEDGER_TOPICS
from domain.ledger import SalesRecorded
from domain.metric import Metric, define_metric, metric_in
from domain.milestones.milestone import Milestone
from domain.plan import Plan
from domain.prose import prose
from domain.refusal import Refused
from domain.rollup.joining import carry_up, join, leave
from domain.rollup.membership import Membership, Window
from domain.rollup.rates import RateTable, rates_in, upload_rates
from domain.sale import Key
from domain.settlement import Book
from domain.starting import AT_START, Start, start_at_its_start
from domain.target import Target
from domain.untold import Refusal
from domain.updates.updates import CANCELLED, Updates

Fact = DomainEventProtocol[UUID]
A = TypeVar("A", bound=BaseAggregate[UUID])
LEDGER_PAGE = 20
"""How many ledger events are read at a time: each holds up to 512 KiB."""


class Writing(Protocol):
    """One transaction that holds the log's insert lock. What it reads is the truth until it commits."""

    position: int
    """The last position in the log; grows with `save`."""

    def save(self, facts: Sequence[Fact]) -> int:
        """Append the facts in this order; the position of the last."""

    def facts_after(self, position: int, topics: Sequence[str], limit: int) -> list[tuple[int, Fact]]:
        """The next facts of these topics, each with its position."""

    def targets(self, ids: Iterable[UUID]) -> dict[UUID, Target]: ...

    def outlines(self, ids: Iterable[UUID]) -> dict[UUID, Target]:
        """These targets but for what they have counted: their plans and states, for decisions that need no sums."""

    def aggregates(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        """These aggregates, of any kind but Target, as they stand; those that there are."""

    @property
    def agenda(self) -> Agenda: ...

    @property
    def audience(self) -> Audience: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def endpoints(self) -> Endpoints: ...

    def followed(self, follower: str) -> int | None:
        """The position up to which this follower has done its work; None for one that has never begun."""

    def keep_followed(self, follower: str, position: int) -> None: ...

    def book(self, keys: Iterable[Key], named: Iterable[Key]) -> Book: ...

    def keep_book(self, book: Book, recorded_in: Mapping[Key, UUID], latest_in: Mapping[Key, UUID]) -> None:
        """Store what the book has come to; a key's first line may stand in another batch than its latest."""

    def keep_refusals(self, refusals: Sequence[Refusal], at: datetime) -> None:
        """To be told to their publishers."""

    def metrics(self, changed_after: int = 0) -> dict[str, Metric]: ...

    def keep_metric(self, metric: Metric) -> None: ...

    def routing_version(self) -> int: ...

    def routes_changed(self, after: int) -> list[UUID]: ...

    def keep_route(self, target: Target) -> None: ...

    def milestones(self, target_ids: Iterable[UUID], by_value: bool = False) -> dict[UUID, list[Milestone]]:
        """All milestones of those targets that have some, in the order of their planning.

        by_value: only of targets of whose milestones one at least hangs on a value.
        """

    def milestone_target(self, milestone_id: UUID) -> UUID | None:
        """The target that a milestone is on; None when there is no such milestone."""

    def keep_milestone(self, milestone: Milestone) -> None: ...

    def memberships(self, parents: Iterable[UUID]) -> list[Membership]:
        """Those in these targets, in the order of joining; those that ended too."""

    def memberships_of(self, members: Iterable[UUID]) -> list[Membership]:
        """Those of these targets in others, in the order of joining; those that ended too."""

    def many_memberships(self, parent: UUID) -> int:
        """How many there are in this target; those that ended too."""

    def keep_membership(self, membership: Membership) -> None: ...


class News(NamedTuple):
    """What the log has for a follower: its position, None for one that has never begun; the last position of all, 0
    for none; and the next facts that it looks at, each with its position."""

    position: int | None
    top: int
    facts: list[tuple[int, Fact]]


class Store(Protocol):
    """What the use cases need of the log beside the library's recorder."""

    def news(self, mapper: Mapper[UUID], follower: str, topics: Sequence[str], limit: int, *, seen: int = 0) -> News:
        """The facts of these topics after the follower's position, and after `seen`; without the log's lock."""

    def followed(self, follower: str) -> int | None:
        """As `Writing.followed`, without the log's lock."""

    def writing(self, mapper: Mapper[UUID]) -> AbstractContextManager[Writing]: ...

    def aggregates(self, mapper: Mapper[UUID], kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        """As `Writing.aggregates`, without the log's lock: whoever may write them may be doing so."""

    def filling(self) -> list[UUID]: ...

    def claiming(self, ids: Sequence[UUID]) -> AbstractContextManager[list[UUID]]: ...


class Milemarker(Application[UUID]):
    """Targets and the ledger on one log."""

    name = "milemarker"

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """What is given and nothing else: the process's environment is read in one place, elsewhere."""
        return Environment(name, dict(env or {}))

    @property
    def store(self) -> Store:
        return cast(Store, self.recorder)

    def writing(self) -> AbstractContextManager[Writing]:
        return self.store.writing(self.mapper)

    def define_metric(self, metric: Metric, *, by: str, at: datetime) -> int:
        """Fix a metric's unit and exponent before its first use; the same again changes nothing."""
        with self.writing() as log:
            known = log.metrics().get(metric.name)
            if known is None:
                log.keep_metric(metric)
                log.save([define_metric(metric, by=by, at=at)])
            elif known != metric:
                raise Refused(
                    "metric_fixed",
                    f"{metric.name} is counted in {known.unit} with {known.exponent} decimal places for ever",
                    "/unit",
                )
            return log.position

    def define_target(
        self, target_id: UUID, plan: Plan, *, activate: Start, by: str, at: datetime
    ) -> tuple[Target, int]:
        """Define a target, and start it when asked. The same id with the same plan again changes nothing."""
        with self.writing() as log:
            known = log.targets([target_id]).get(target_id)
            if known is not None:
                if not same_definition(known, plan):
                    raise Refused("key_reused", "this Idempotency-Key has defined another target before")
                return known, log.position
            return define_in(log, target_id, plan, activate=activate, by=by, at=at), log.position

    def activate_target(
        self, target_id: UUID, *, by: str, at: datetime, expected_version: int | None = None
    ) -> tuple[Target, int]:
        with self.writing() as log:
            target = target_in(log, target_id, expected_version)
            if is_archived(log, target_id):
                raise Refused("archived", "the target is archived: unarchive it first, then start it")
            target.activate(log.position, by=by, at=at)
            return self._saved(log, target, by, at)

    def cancel_target(
        self, target_id: UUID, reason: str, *, by: str, at: datetime, expected_version: int | None = None
    ) -> tuple[Target, int]:
        with self.writing() as log:
            target = target_in(log, target_id, expected_version)
            target.cancel(reason, by=by, at=at)
            log.agenda.end(target_id)
            updates = log.aggregates(Updates, [Updates.id_of(target_id)]).get(Updates.id_of(target_id))
            if updates is not None:
                updates.end(CANCELLED, by=by, at=at)
                return self._saved(log, target, by, at, updates.collect_events())
            return self._saved(log, target, by, at)

    def join_target(
        self, parent_id: UUID, member_id: UUID, window: Window, *, by: str, at: datetime
    ) -> tuple[Membership, int]:
        """Make one target a member of another, for these days. Refused as `domain.rollup.joining.join` says."""
        with self.writing() as log:
            parent, member = target_in(log, parent_id), target_in(log, member_id, field="/target")
            return join(log, parent, member, window, by=by, at=at), log.position

    def leave_target(
        self, parent_id: UUID, member_id: UUID, until: date | None, *, by: str, at: datetime
    ) -> tuple[Membership, int]:
        """End a membership after this day; without one, as if it had never been."""
        with self.writing() as log:
            return leave(log, target_in(log, parent_id), member_id, until, by=by, at=at), log.position

    def hand_over_target(
        self,
        target_id: UUID,
        owner: str,
        team: Sequence[str] | None,
        reason: str,
        *,
        by: str,
        at: datetime,
        expected_version: int | None = None,
    ) -> tuple[Target, int]:
        """Give a target another owner, and another team where one is given; the same again changes nothing."""
        with self.writing() as log:
            target = target_in(log, target_id, expected_version)
            target.hand_over(*people_of(owner, team), prose(reason, "reason"), by=by, at=at)
            return target, log.save(list(target.collect_events()))

    def upload_rates(self, table: RateTable, *, by: str, at: datetime) -> int:
        """Keep a rate table for ever; the same again changes nothing."""
        with self.writing() as log:
            upload_rates(log, table, by=by, at=at)
            return log.position

    def ledger(self, after: int, upto: int) -> Iterator[tuple[int, SalesRecorded]]:
        """The ledger's batches at positions (after, upto], in order, each with its position."""
        while after < upto:
            page = self.recorder.select_notifications(after + 1, LEDGER_PAGE, stop=upto, topics=LEDGER_TOPICS)
            for notification in page:
                yield notification.id, cast(SalesRecorded, self.mapper.to_domain_event(notification))
            if len(page) < LEDGER_PAGE:
                return
            after = page[-1].id

    def _saved(
        self, log: Writing, target: Target, by: str, at: datetime, beside: Sequence[Any] = ()
    ) -> tuple[Target, int]:
        facts: list[Any] = [*target.collect_events(), *beside]
        if facts:
            log.keep_route(target)
            log.save(facts)
            carry_up(log, [target], by=by, at=at)
        return target, log.position


def is_archived(log: Writing, target_id: UUID) -> bool:
    archive = log.aggregates(Archive, [Archive.id_of(target_id)]).get(Archive.id_of(target_id))
    return archive is not None and archive.archived


def first_uses(log: Writing, plan: Plan, *, by: str, at: datetime) -> list[Fact]:
    """The metrics that a plan counts and that nobody has used before: it fixes their units. Of a ratio these are what
    it divides, never the ratio itself."""
    known, facts = log.metrics(), list[Fact]()
    counted = [(part.metric, part.unit) for part in (plan.numerator, plan.denominator) if part is not None]
    for name, unit in dict.fromkeys(counted or [(plan.metric, plan.unit)]):
        metric = metric_in(known, name, unit)
        if name not in known:
            known[name] = metric
            log.keep_metric(metric)
            facts.append(define_metric(metric, by=by, at=at))
    return facts


def define_in(log: Writing, target_id: UUID, plan: Plan, *, activate: Start, by: str, at: datetime) -> Target:
    """Define a target that there is none of yet, and start it when asked, now or at its start."""
    facts = first_uses(log, plan, by=by, at=at)
    plan = with_rates(log, plan)
    target = Target.define(target_id, plan, by=by, at=at)
    if activate is True:
        target.activate(log.position, by=by, at=at)
        log.keep_route(target)
    if activate == AT_START:
        start_at_its_start(log.agenda, target)
    log.save([*facts, *target.collect_events()])
    if plan.parent is not None:
        parent = target_in(log, UUID(plan.parent), code="unknown_parent", field="/parent")
        join(log, parent, target, Window(), field="/parent", by=by, at=at)
    return target


def with_rates(log: Writing, plan: Plan) -> Plan:
    """The plan with what it takes from its rate table, as that is for ever."""
    return plan if plan.rate_table is None else replace(plan, rates=rates_in(log, plan.rate_table, plan.unit))


def same_definition(target: Target, plan: Plan) -> bool:
    """Whether a target was defined with this plan, whatever was frozen since, whoever has it now, whatever its members
    are, and whatever revised it."""
    first = target.plans[0]
    if target.handed_over:
        plan = replace(plan, owner=first.owner, team=first.team)
    goal = plan.goal if plan.percent is not None or plan.sums_up else first.goal
    return replace(first, frozen=plan.frozen, goal=goal, rolled=plan.rolled, rates=plan.rates) == plan


def target_in(
    log: Writing,
    target_id: UUID,
    expected_version: int | None = None,
    *,
    code: str = "unknown_target",
    field: str = "",
) -> Target:
    """This target; Refused: unknown_target, or changed_meanwhile when it is not at the version that somebody saw."""
    target = log.targets([target_id]).get(target_id)
    if target is None:
        raise Refused(code, f"there is no target {target_id}", field)
    if expected_version is not None and (now := plan_version(log, target)) != expected_version:
        raise Refused("changed_meanwhile", f"the target is at plan version {now} now: read it again, then decide")
    return target


def plan_version(log: Writing, target: Target) -> int:
    """Of a target with its milestones and their tasks: it moves with what people change, not with sales."""
    milestones = log.milestones([target.id]).get(target.id, [])
    return target.plan_version + sum(one.plan_version for one in milestones)
