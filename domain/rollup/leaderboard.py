"""Who is ahead among the members of a target: ranked by one figure, equal ones on one rank. Pure."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import TypeVar

ATTAINMENT, ACTUAL, PACE = BOARDS = ("attainment", "actual", "pace")
K = TypeVar("K", bound=Hashable)


def ranked(values: Mapping[K, Fraction | None]) -> list[tuple[int | None, K]]:
    """(rank, whose) from the highest value down; two on rank 1 are followed by rank 3. Whoever has no value comes last,
    without a rank; equal ones stay in the order in which they were given."""
    known = {one: value for one, value in values.items() if value is not None}
    ordered = sorted(known, key=lambda one: -known[one])
    places: list[tuple[int | None, K]] = []
    for place, one in enumerate(ordered, 1):
        rank, before = places[-1] if places else (None, one)
        places.append((rank if rank is not None and known[before] == known[one] else place, one))
    return [*places, *((None, one) for one in values if one not in known)]
