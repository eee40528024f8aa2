"""Which targets a posting counts toward: those of its metric whose period it lies in and whose scope it matches."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.ledger import Posting
from domain.plan import Plan
from domain.target import State, Target

COUNTING = frozenset({State.FILLING, State.ACTIVE, State.CLOSED, State.SEALED})


@dataclass(slots=True)
class Route:
    """The part of a plan that decides what counts: metric, period and scope."""

    target_id: UUID
    metric: str
    begins: datetime
    ends: datetime
    scope: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, target_id: UUID, plan: Plan) -> "Route":
        scope = {name: frozenset(values) for name, values in plan.scope.items()}
        return cls(target_id, plan.metric, plan.begins, plan.ends, scope)

    def takes(self, posting: Posting) -> bool:
        if posting.metric != self.metric or not self.begins <= posting.occurred_at < self.ends:
            return False
        dimensions = posting.dimensions
        return all(dimensions.get(name) in values for name, values in self.scope.items())


class Router:
    """The routes of all counting targets, found by the posting's metric and dimensions.

    A route stands once for every value of its narrowest dimension, so a posting looks at the targets of its own
    values only, not at all of them.
    """

    def __init__(self) -> None:
        self._routes: dict[UUID, Route] = {}
        self._unscoped: dict[str, dict[UUID, Route]] = {}
        self._scoped: dict[str, dict[tuple[str, str], dict[UUID, Route]]] = {}

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes.values())

    def follow(self, target: Target) -> None:
        """Bring the routes up to date with this target's state."""
        self.remove(target.id)
        if target.state in COUNTING:
            self.add(Route.of(target.id, target.plan))

    def add(self, route: Route) -> None:
        self._routes[route.target_id] = route
        for places in self._places(route):
            places[route.target_id] = route

    def remove(self, target_id: UUID) -> None:
        if (route := self._routes.pop(target_id, None)) is not None:
            for places in self._places(route):
                del places[target_id]

    def _places(self, route: Route) -> Iterable[dict[UUID, Route]]:
        if not route.scope:
            return [self._unscoped.setdefault(route.metric, {})]
        name = min(route.scope, key=lambda one: (len(route.scope[one]), one))
        of_metric = self._scoped.setdefault(route.metric, {})
        return [of_metric.setdefault((name, value), {}) for value in route.scope[name]]

    def targets_of(self, posting: Posting) -> list[UUID]:
        """The targets that this posting counts toward."""
        at = posting.occurred_at
        found: list[UUID] = []
        for route in self._unscoped.get(posting.metric, {}).values():
            if route.begins <= at < route.ends:
                found.append(route.target_id)
        if (scoped := self._scoped.get(posting.metric)) is not None:
            for dimension in posting.dimensions.items():
                for route in scoped.get(dimension, {}).values():
                    if route.begins <= at < route.ends and (len(route.scope) == 1 or route.takes(posting)):
                        found.append(route.target_id)
        return found
