"""What several members count of the same sales: nothing where no sale can match two of them, else the ledger says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from uuid import UUID

from domain.ledger import Posting, SalesRecorded
from domain.routing import REP, Route, Router, credited

COMPARED_MAX = 200
"""Routes that are held against each other; of more it is not said without the sales."""


def none_meet(routes: Sequence[Route]) -> bool:
    """Whether it is certain that no sale counts in two of these, by their metrics, days and scopes alone."""
    return _parted(routes) or (
        len(routes) <= COMPARED_MAX and not any(_may_meet(one, other) for one, other in combinations(routes, 2))
    )


def _parted(routes: Sequence[Route]) -> bool:
    """Whether there is a dimension of which each names values that no other one does."""
    for name in routes[0].scope if routes else ():
        if all(name in one.scope for one in routes):
            values = [value for one in routes for value in one.scope[name]]
            if len(values) == len(set(values)):
                return True
    return not routes


def _may_meet(one: Route, other: Route) -> bool:
    if one.metric != other.metric or one.under != other.under:
        return False
    # By its original's time a refund may count in days that the sale itself does not lie in.
    apart = one.ends <= other.begins or other.ends <= one.begins
    if apart and not one.clawback and not other.clawback:
        return False
    return all(one.scope[name] & other.scope[name] for name in one.scope.keys() & other.scope.keys())


def counted_twice(routes: Iterable[Route], ledger: Iterable[SalesRecorded]) -> int:
    """What the sums of these routes have more than what at least one of them counts, in what they count in."""
    numbered = {UUID(int=number): route for number, route in enumerate(routes)}
    router = Router()
    for number, route in numbered.items():
        router.add(replace(route, target_id=number))
    twice = 0
    for recorded in ledger:
        for entry in recorded.entries:
            for posting in entry.postings():
                counted = router.counted(posting)
                if len(counted) > 1:
                    by = [numbered[one] for one, _ in counted]
                    twice += sum(counts.amount for _, counts in counted) - _once(posting, by)
    return twice


def _once(posting: Posting, by: Sequence[Route]) -> int:
    """What of a posting is counted by one of these at least: of a shared sale the shares of all whom they name."""
    amount = posting.amount
    if posting.credit is not None and all(REP in one.scope for one in by):
        amount = credited(amount, posting.credit, frozenset().union(*(one.scope[REP] for one in by)))
    return amount * by[0].factor  # one sale is of one unit, so all of them convert it alike
