"""What each kind of target measures, told a second time; more kinds are added to KINDS."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from tests.domain.scratch.classes import Held, Read, is_too_early
from tests.domain.scratch.paces import has_profile, weight
from tests.domain.scratch.sales import Sales
from tests.domain.scratch.terms import Terms, cents
from tests.plain_figures.comparison import uplift

MILLIONTHS = 1_000_000


@dataclass(frozen=True)
class Aim:
    """What would take the actual to where somebody aims: cents to add, or a level to measure, of a metric and scope."""

    words: dict[str, Any]
    cents: int
    level: bool = False


class Kind:
    """A cumulative target, and what the others have in common with it. Cents; D = goal - baseline."""

    has_line = True
    """Whether a fact reaches its goal, and not only its end."""
    baseline = 0

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.words = terms.words

    @property
    def goal(self) -> int:
        return cents(self.words["goal"])

    @property
    def comparable(self) -> bool:
        """Whether there is what it rests on."""
        return True

    def net(self, sales: Sales, before: datetime | None = None) -> int:
        """What it counts, until before an instant; or all of it."""
        days = self.terms.days
        return sales.net(self.words, days.begins, before or days.ends, clawback=self.terms.clawback)

    def actual(self, sales: Sales, at: datetime, *, until: datetime | None = None) -> Fraction | None:
        """A, at a cut-off or at the end; until: of what happened before then, and not before `at`."""
        return Fraction(self.net(sales, until or at))

    def weight(self, at: datetime) -> Fraction:
        """W, before any revision."""
        return weight(self.terms, at)

    @property
    def span(self) -> int:
        return self.goal - self.baseline

    @property
    def judged(self) -> bool:
        """Whether it can be said what is expected."""
        return self.comparable and has_profile(self.terms)

    def read(self, actual: Fraction | None, due: Fraction) -> Read:
        """due: what is expected, exactly."""
        if not self.judged:
            return Read(round(actual or 0), 0, 0)
        return Read(0, round(due), 0) if actual is None else self._held(actual, due).read()

    def status(self, actual: Fraction | None, due: Fraction, share: Fraction, number: int, before: str | None) -> str:
        """share: W; number: of the checkpoint; before: the status of the one before it."""
        if not self.judged:
            return "no_baseline"
        if actual is None or is_too_early(share, number) or (due - self.baseline) * self.span <= 0:
            return "too_early"
        return self._held(actual, due).class_after(before, self.words.get("thresholds") or {})

    def _held(self, actual: Fraction, due: Fraction) -> Held:
        return Held(actual, due, self.baseline, self.goal)

    def actual_of(self, counted: "Kind", sales: Sales, at: datetime) -> Fraction | None:
        """A by these terms, of what is counted by later ones."""
        return counted.actual(sales, at)

    def stands(self, sales: Sales, at: datetime) -> Fraction:
        """Where it stands at this moment; what happens in the hours that are summed up with it is part of it."""
        until = min((one for one in self.terms.grain if one >= at), default=self.terms.days.ends)
        return self.actual(sales, at, until=until) or Fraction(0)

    def attained(self, sales: Sales) -> bool:
        return self.has_line and self.comparable and self.reaches(sales, self.goal)

    def reaches(self, sales: Sales, value: int) -> bool:
        """Whether a milestone's value is reached."""
        return self.net(sales) >= value

    def value_of(self, text: str) -> int:
        """The value of a milestone."""
        return cents(text)

    def lies_on_the_way(self, value: int) -> bool:
        """Whether a milestone may hang on this value."""
        return value > 0

    def outcome(self, sales: Sales, statuses: Sequence[str]) -> str:
        """statuses: of all checkpoints."""
        actual = self.actual(sales, self.terms.days.ends)
        if not self.comparable:
            return "no_baseline"
        if actual is None:
            return "missed"
        over = (actual - self.goal) * (-1 if self.span < 0 else 1)
        return "exceeded" if over > 0 else "met" if over == 0 else "missed"

    def aim(self, sales: Sales, at: datetime, index: Fraction, near: int) -> Aim | None:
        """What takes the pace index at a cut-off to so much, or cents beside it; None where that says nothing."""
        if (self.terms.has_comparison and self.terms.compared is None) or not self.judged:
            return None
        return self._aim(sales, at, ceil(self.baseline + index * self.span * self.weight(at)) + near)

    def _aim(self, sales: Sales, at: datetime, wanted: int) -> Aim | None:
        actual = self.actual(sales, at)
        return None if actual is None else Aim(self.words, wanted - int(actual))


class Uplift(Kind):
    """So much more than an earlier period had: counted from nothing (`gain`), or from that period's total (`level`)."""

    @property
    def goal(self) -> int:
        return self._delta + (self._compared if self.words["mode"] == "level" else 0)

    @property
    def _compared(self) -> int:
        return 0 if self.terms.compared is None else self.terms.compared.total

    @property
    def _delta(self) -> int:
        goal = self.words["goal"]
        return uplift(self._compared, goal if "%" in goal else f"{cents(goal)}")

    @property
    def comparable(self) -> bool:
        """Without sales, or so far below nothing that nothing need be sold, there is nothing to be held against."""
        return bool(self.terms.sold_on) and self._delta > 0 and self._delta + self._compared > 0

    def actual(self, sales: Sales, at: datetime, *, until: datetime | None = None) -> Fraction | None:
        return self._over(self.net(sales, until or at), at)

    def actual_of(self, counted: Kind, sales: Sales, at: datetime) -> Fraction | None:
        return self._over(counted.net(sales, at), at)

    def _over(self, net: int, at: datetime) -> Fraction:
        elapsed = self.terms.elapsed(at)
        if self.words["mode"] == "level" or self.terms.compared is None or not elapsed:
            return Fraction(net)
        return Fraction(net - sum(self.terms.compared.beside(self.terms.day(elapsed))))

    def reaches(self, sales: Sales, value: int) -> bool:
        if self.words["mode"] == "level":
            return self.net(sales) >= value
        return self.comparable and self.net(sales) >= value + self._compared


class Measured(Kind):
    """What targets of a level have in common: the latest measurement counts."""

    has_line = False

    def net(self, sales: Sales, before: datetime | None = None) -> int:
        level = self.level(sales, before)
        return 0 if level is None else level - self.baseline

    def level(self, sales: Sales, before: datetime | None = None) -> int | None:
        days = self.terms.days
        return sales.level(self.words, days.begins, before or days.ends)

    def _aim(self, sales: Sales, at: datetime, wanted: int) -> Aim | None:
        return Aim(self.words, wanted, level=True)


class FromTo(Measured):
    """A level goes from its baseline to its goal, up or down."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(terms)
        self.baseline = cents(self.words["baseline"])

    def actual(self, sales: Sales, at: datetime, *, until: datetime | None = None) -> Fraction | None:
        return Fraction(self.baseline + self.net(sales, until or at))

    def reaches(self, sales: Sales, value: int) -> bool:
        level = self.level(sales)
        return level is not None and (level - value) * (-1 if self.span < 0 else 1) >= 0

    def lies_on_the_way(self, value: int) -> bool:
        return min(self.baseline, self.goal) <= value <= max(self.baseline, self.goal) and value != self.baseline

    def outcome(self, sales: Sales, statuses: Sequence[str]) -> str:
        return "missed" if self.level(sales) is None else super().outcome(sales, statuses)


class Keep(Measured):
    """A level stays within its bounds."""

    goal = 0

    def lies_on_the_way(self, value: int) -> bool:
        return False

    def actual(self, sales: Sales, at: datetime, *, until: datetime | None = None) -> Fraction | None:
        level = self.level(sales, until or at)
        return None if level is None else Fraction(level)

    def read(self, actual: Fraction | None, due: Fraction) -> Read:
        if actual is None:
            return Read(0, 0, 0)
        level = int(actual)
        nearest = max(level, self._bound("bounds_min", level))
        nearest = min(nearest, self._bound("bounds_max", nearest))
        return Read(level, nearest, -abs(level - nearest))

    def _bound(self, name: str, otherwise: int) -> int:
        return otherwise if self.words.get(name) is None else cents(self.words[name])

    def status(self, actual: Fraction | None, due: Fraction, share: Fraction, number: int, before: str | None) -> str:
        if actual is None:
            return "too_early"
        return "off_track" if self.read(actual, due).variance else "on_track"

    def outcome(self, sales: Sales, statuses: Sequence[str]) -> str:
        actual = self.actual(sales, self.terms.days.ends)
        inside = actual is not None and not self.read(actual, Fraction(0)).variance
        share = Fraction(self.words.get("pass_share") or 1)
        passed = Fraction(statuses.count("on_track"), len(statuses)) >= share
        return "met" if inside and passed else "missed"

    def aim(self, sales: Sales, at: datetime, index: Fraction, near: int) -> Aim | None:
        return self._aim(sales, at, self._bound("bounds_max" if index > 1 else "bounds_min", 0) + near)


class Ratio(Kind):
    """One sum over another, in millionths."""

    has_line = False

    @property
    def goal(self) -> int:
        return self.value_of(self.words["goal"])

    def net(self, sales: Sales, before: datetime | None = None) -> int:
        return self._part("numerator", sales, before)

    def _part(self, name: str, sales: Sales, before: datetime | None = None) -> int:
        days = self.terms.days
        return sales.net(self.words[name], days.begins, before or days.ends, clawback=self.terms.clawback)

    def actual(self, sales: Sales, at: datetime, *, until: datetime | None = None) -> Fraction | None:
        under = self._part("denominator", sales, until or at)
        return Fraction(self.net(sales, until or at) * MILLIONTHS, under) if under else None

    def weight(self, at: datetime) -> Fraction:
        return Fraction(1)

    def reaches(self, sales: Sales, value: int) -> bool:
        actual = self.actual(sales, self.terms.days.ends)
        return actual is not None and actual >= value

    def value_of(self, text: str) -> int:
        return int(Decimal(text) * MILLIONTHS)

    def _aim(self, sales: Sales, at: datetime, wanted: int) -> Aim | None:
        over = ceil(Fraction(wanted, MILLIONTHS) * self._part("denominator", sales, at))
        return Aim(self.words["numerator"], over - self.net(sales, at))


KINDS: dict[str, Callable[[Terms], Kind]] = {
    "cumulative": Kind,
    "uplift": Uplift,
    "from_to": FromTo,
    "keep": Keep,
    "ratio": Ratio,
}
