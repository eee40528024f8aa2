"""Which targets a posting counts toward, and as what: those of its metric, by their period, scope and rules.

Mostly a posting counts as it is. A target may count a refund when its original occurred (`clawback`), a sale that
several people share by the shares of those whom its scope names, and a ratio in its denominator. A roll-up counts a
posting once for each member that counts it, as that member counts it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.ledger import Credit, Entry, Posting
from domain.money import allocate
from domain.plan import CLAWBACK, RATIO, Part, Plan
from domain.sale import BASIS_POINTS
from domain.target import State, Target

COUNTING = frozenset({State.FILLING, State.ACTIVE, State.CLOSED, State.SEALED})
REP = "rep"
"""The dimension that credit is split by."""

Counted = tuple[UUID, Posting]
"""A target, and a posting as that target counts it."""
Scope = Mapping[str, frozenset[str]]


@dataclass(slots=True)
class Route:
    """The part of a plan that decides what counts: metric, period and scope, sums or levels, and when a refund does."""

    target_id: UUID
    metric: str
    begins: datetime
    ends: datetime
    scope: Scope
    levels: bool = False
    clawback: bool = False
    under: bool = False
    """Whether it is the denominator's."""
    factor: int = 1
    """By which an amount is converted."""

    def counted(self, posting: Posting) -> Posting | None:
        """The posting as it counts here, itself where it counts as it is; None where it does not count."""
        if posting.metric != self.metric or posting.level is not self.levels:
            return None
        at, amount = posting.occurred_at, posting.amount
        if self.clawback and posting.original_at is not None:
            at = posting.original_at
        if not self.begins <= at < self.ends:
            return None
        for name, values in self.scope.items():
            if name == REP and posting.credit is not None:
                if not any(share["rep"] in values for share in posting.credit):
                    return None
                amount = credited(amount, posting.credit, values)
            elif posting.dimensions.get(name) not in values:
                return None
        if at == posting.occurred_at and amount == posting.amount and not self.under and self.factor == 1:
            return posting
        return replace(posting, occurred_at=at, amount=amount * self.factor, under=self.under)


def routes_of(target_id: UUID, plan: Plan) -> list[Route]:
    """What a target counts: one route, of a ratio one for its numerator and one for its denominator; of a roll-up
    those of its members."""
    if plan.roll_up:
        return [
            Route(
                target_id,
                one.metric,
                one.begins,
                one.ends,
                _sets(one.scope),
                clawback=one.clawback,
                under=one.under,
                factor=one.factor or 1,
            )
            for member in plan.members.members
            for one in member.counted
        ]
    clawback = plan.refunds == CLAWBACK
    parts: list[tuple[Plan | Part, bool]] = [(plan, False)]
    if plan.kind == RATIO:
        assert plan.numerator is not None
        assert plan.denominator is not None
        parts = [(plan.numerator, False), (plan.denominator, True)]
    return [
        Route(target_id, part.metric, plan.begins, plan.ends, _sets(part.scope), plan.measured, clawback, under)
        for part, under in parts
    ]


def _sets(scope: Mapping[str, Iterable[str]]) -> Scope:
    return {name: frozenset(values) for name, values in scope.items()}


def credited(amount: int, credit: Credit, reps: Iterable[str]) -> int:
    """The part of an amount that these people have: shares by largest remainder, the rest is nobody's."""
    weights = [share["bps"] for share in credit]
    parts = allocate(amount, [*weights, BASIS_POINTS - sum(weights)])
    return sum(part for part, share in zip(parts, credit, strict=False) if share["rep"] in reps)


class Router:
    """The routes of all counting targets, found by the posting's metric and dimensions."""

    def __init__(self) -> None:
        self._routes: dict[UUID, list[Route]] = {}
        self._sums, self._levels, self._others = _Board(), _Board(), _Board()

    def follow(self, target: Target) -> None:
        """Bring the routes up to date with this target's state."""
        self.remove(target.id)
        if target.state in COUNTING:
            self.add_plan(target.id, target.plan)

    def add_plan(self, target_id: UUID, plan: Plan) -> None:
        for route in routes_of(target_id, plan):
            self.add(route)

    def add(self, route: Route) -> None:
        self._routes.setdefault(route.target_id, []).append(route)
        self._board(route).add(route)

    def remove(self, target_id: UUID) -> None:
        for route in self._routes.pop(target_id, ()):
            self._board(route).remove(route)

    def _board(self, route: Route) -> "_Board":
        if route.under or route.factor != 1:
            return self._others
        return self._levels if route.levels else self._sums

    def counted(self, posting: Posting) -> list[Counted]:
        """Each target that this posting counts toward, with the posting as it counts there.

        A sale may count toward a ratio twice, in its numerator and in its denominator, and toward a roll-up once for
        each of its members.
        """
        board = self._levels if posting.level else self._sums
        found: list[Counted] = []
        if posting.original_at is None and posting.credit is None:
            board.find(posting, found)
        else:
            board.find_shared(posting, found)
        if self._others.scoped or self._others.unscoped:
            self._others.find_shared(posting, found)
        return found

    def by_target(self, entries: Iterable[Entry]) -> dict[UUID, list[Posting]]:
        """The postings of these entries by the target that they count toward, as they count there."""
        found: dict[UUID, list[Posting]] = {}
        counted = self.counted
        for entry in entries:
            for posting in entry.postings():
                for target_id, counts in counted(posting):
                    if target_id in found:
                        found[target_id].append(counts)
                    else:
                        found[target_id] = [counts]
        return found


@dataclass(slots=True)
class _Board:
    """Routes of one sort; of a roll-up there are many, so each is found again by itself.

    A route stands once for every value of its narrowest dimension, so a posting looks at the targets of its own
    values only, not at all of them.
    """

    unscoped: dict[str, dict[int, Route]] = field(default_factory=dict)
    scoped: dict[str, dict[tuple[str, str], dict[int, Route]]] = field(default_factory=dict)

    def add(self, route: Route) -> None:
        for places in self._places(route):
            places[id(route)] = route

    def remove(self, route: Route) -> None:
        for places in self._places(route):
            del places[id(route)]

    def _places(self, route: Route) -> Iterable[dict[int, Route]]:
        if not route.scope:
            return [self.unscoped.setdefault(route.metric, {})]
        name = min(route.scope, key=lambda one: (len(route.scope[one]), one))
        of_metric = self.scoped.setdefault(route.metric, {})
        return [of_metric.setdefault((name, value), {}) for value in route.scope[name]]

    def find(self, posting: Posting, found: list[Counted]) -> None:
        """The targets that count a posting as it is, the quick way: most postings are such, for all targets."""
        at, dimensions = posting.occurred_at, posting.dimensions
        for route in self.unscoped.get(posting.metric, {}).values():
            if route.begins <= at < route.ends:
                found.append((route.target_id, posting))
        if (scoped := self.scoped.get(posting.metric)) is not None:
            for dimension in dimensions.items():
                for route in scoped.get(dimension, {}).values():
                    if route.begins <= at < route.ends and (len(route.scope) == 1 or _matches(route.scope, dimensions)):
                        found.append((route.target_id, posting))

    def find_shared(self, posting: Posting, found: list[Counted]) -> None:
        """The targets that count a posting, each as it counts there."""
        for route in self._near(posting):
            if (counts := route.counted(posting)) is not None:
                found.append((route.target_id, counts))

    def _near(self, posting: Posting) -> Iterator[Route]:
        """The routes that may count it, each once."""
        yield from self.unscoped.get(posting.metric, {}).values()
        if (scoped := self.scoped.get(posting.metric)) is not None:
            own = posting.dimensions.items()
            if posting.credit is None:
                pairs = [*own]
            else:
                pairs = [pair for pair in own if pair[0] != REP]
                pairs += dict.fromkeys((REP, share["rep"]) for share in posting.credit)
            near: dict[int, Route] = {}
            for pair in pairs:
                near |= scoped.get(pair, {})
            yield from near.values()


def _matches(scope: Scope, dimensions: Mapping[str, str]) -> bool:
    for name, values in scope.items():  # noqa: SIM110 - all() takes twice as long
        if dimensions.get(name) not in values:
            return False
    return True
