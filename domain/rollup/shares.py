"""What a member brings to its parent while it belongs to it, and what all of them leave. Pure: the moment is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from domain.actuals import actual_of
from domain.course import Course
from domain.plan import GAIN, RATIO, UPLIFT, Plan
from domain.rollup.membership import Window


@dataclass(frozen=True)
class Share:
    """In minor units, exact. Of a ratio `net` and `under` are its parts, and actual, expected and goal are None: what
    they would be of are percentages, which don't add up."""

    net: int
    under: int
    actual: Fraction | None
    expected: Fraction | None
    goal: Fraction | None

    def worth(self, rate: Fraction) -> "Share":
        """The same in another unit, of which one of its own is so much."""
        if rate == 1:
            return self
        actual, expected, goal = (
            None if one is None else one * rate for one in (self.actual, self.expected, self.goal)
        )
        return Share(self.net, self.under, actual, expected, goal)


NO_SHARE = Share(0, 0, Fraction(0), Fraction(0), Fraction(0))


def share_of(
    course: Course,
    sums: Mapping[datetime, int],
    under: Mapping[datetime, int],
    window: Window,
    parent: Plan,
    as_of: datetime,
) -> Share | None:
    """sums, under: what the member has counted by slot. None where the parent's period cuts one of its days in two:
    what it has counted by the day does not say what lies in it."""
    plan = course.plan
    within = window.within(plan)
    if within is None:
        return NO_SHARE
    begins, ends = max(within[0], parent.begins), min(within[1], parent.ends)
    if begins >= ends:
        return NO_SHARE
    if begins not in plan.midnights or ends not in plan.midnights:
        return None
    net, below = (sum(value for start, value in part.items() if begins <= start < ends) for part in (sums, under))
    if plan.kind == RATIO:
        return Share(net, below, None, None, None)
    now = max(begins, min(as_of, ends))
    actual = actual_of(plan, net, 0, now)
    assert actual is not None, "a sum has an actual"
    if plan.kind == UPLIFT and plan.mode == GAIN:
        actual += plan.compared(begins)  # what the comparison had before it joined is none of its share
    return Share(
        net,
        0,
        actual,
        course.expected(now) - course.expected(begins),
        course.expected(ends) - course.expected(begins),
    )


def added_up(shares: Sequence[Share]) -> Share:
    def total(values: Sequence[Fraction | None]) -> Fraction | None:
        known = [one for one in values if one is not None]
        return sum(known, Fraction(0)) if len(known) == len(values) else None

    return Share(
        sum(one.net for one in shares),
        sum(one.under for one in shares),
        total([one.actual for one in shares]),
        total([one.expected for one in shares]),
        total([one.goal for one in shares]),
    )
