"""A target's plan: what is to be reached, by which sales, when and at what pace; resolved when defined or revised.

What people say becomes a plan in `domain.defining`. A revision makes another plan, that goes on where the one before
stood: `domain.course` has all of them.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property

from domain import pace
from domain.calendar import Calendar
from domain.comparison import Comparison, Frozen, compared_running, has_none, is_partial, profile_running
from domain.pace import Point, Weighting
from domain.rollup.rolled import NOTHING, Rolled
from domain.schedule import PlannedCheckpoint
from domain.standing import DEFAULT_THRESHOLDS, Thresholds, thresholds_of

CUMULATIVE, UPLIFT, FROM_TO, KEEP, RATIO = KINDS = ("cumulative", "uplift", "from_to", "keep", "ratio")
MEASURED = (FROM_TO, KEEP)
"""Kinds whose actual is a measured level, not a sum of sales."""
GAIN, LEVEL = MODES = ("gain", "level")
OWN_DATE, CLAWBACK = REFUNDS = ("own_date", "clawback")
SCALE = 10**10
"""So many parts of a minor unit a roll-up over several currencies counts in: each sale is converted without a rest."""
RATIO_PLACES = 6
"""A ratio is kept in millionths."""
HALVES_A_DAY = 2


@dataclass(frozen=True)
class Part:
    """The numerator or denominator of a ratio: a metric, and which of its sales count."""

    metric: str
    unit: str
    exponent: int
    scope: dict[str, list[str]]


@dataclass(frozen=True)
class Bounds:
    """Where a level is to stay, both inclusive, in minor units; None: open to that side."""

    min: int | None = None
    max: int | None = None

    def nearest(self, level: Fraction) -> Fraction:
        """The nearest level inside: itself, where it is inside."""
        if self.min is not None and level < self.min:
            return Fraction(self.min)
        if self.max is not None and level > self.max:
            return Fraction(self.max)
        return level


@dataclass(frozen=True)
class Rebased:
    """How a revision goes on: E at its effective moment, minor units as an exact fraction such as "150000000/7"."""

    at: datetime
    base: str


@dataclass(frozen=True)
class Plan:
    """What TargetDefined and TargetRevised say. Goal in minor units; instants in UTC, as the tz data of `tz_version`
    gave them. A new field has a default: old facts have none of it."""

    name: str
    metric: str
    unit: str
    exponent: int
    kind: str
    goal: int
    """Of an uplift: the Delta, 0 for one in percent until its comparison is frozen; of a ratio: millionths."""
    start: date
    end: date
    time_zone: str
    tz_version: str
    scope: dict[str, list[str]]
    pacing: str
    midnights: list[datetime]
    """midnight(start) .. midnight(end + 1): one more than the period has days."""
    checkpoints: list[PlannedCheckpoint]
    steps: list[datetime]
    """The cut-offs at which an equal_steps pace steps; empty for other pacings."""
    schedule: str | list[str] | None = None
    owner: str | None = None
    team: list[str] | None = None
    parent: str | None = None
    baseline: int = 0
    """Where a measured level comes from, in minor units."""
    bounds: Bounds | None = None
    pass_share: str | None = None
    """Of the checkpoints of a `keep` target, decimal text: how many must be inside; None: all."""
    numerator: Part | None = None
    denominator: Part | None = None
    mode: str | None = None
    percent: str | None = None
    """Of an uplift by so many percent of its comparison, as it was said."""
    comparison: Comparison | None = None
    frozen: Frozen | None = None
    weighting: Weighting | None = None
    points: list[Point] | None = None
    calendar: Calendar | None = None
    halves: list[int] | None = None
    """Half open days, 0 to 2, of each day of the period; None: every day is open."""
    holidays: dict[date, str] | None = None
    """The holidays in the period, by name, as they were known when it was resolved."""
    thresholds: dict[str, str] | None = None
    refunds: str = OWN_DATE
    expect_data_every: int | None = None
    """Hours after which a target without new data is stale."""
    roll_up: bool | None = None
    """Whether it counts what its children count, and nothing else."""
    rates: dict[str, str] | None = None
    """Of a roll-up over several currencies: what one unit of each is in its own, decimal text."""
    rate_table: str | None = None
    rebased: Rebased | None = None
    rolled: Rolled | None = None
    """Of a roll-up: what its members count and expect, as of the last change of any of them."""

    @property
    def begins(self) -> datetime:
        return self.midnights[0]

    @property
    def ends(self) -> datetime:
        """The first instant after the period."""
        return self.midnights[-1]

    @property
    def days(self) -> int:
        return len(self.midnights) - 1

    def slot_starts(self) -> list[datetime]:
        """Where the slots begin that a target keeps sums by: local midnights and cut-offs, in order."""
        cutoffs = (checkpoint.cutoff for checkpoint in self.checkpoints)
        return sorted({*self.midnights[:-1], *(cutoff for cutoff in cutoffs if cutoff < self.ends)})

    def last_cutoff(self, at: datetime) -> datetime | None:
        """The last cut-off that is past at this instant, if one is."""
        passed = bisect_right(self.cutoffs, at)
        return self.cutoffs[passed - 1] if passed else None

    @cached_property
    def cutoffs(self) -> list[datetime]:
        return [checkpoint.cutoff for checkpoint in self.checkpoints]

    def day_of(self, instant: datetime) -> date:
        """The local day of an instant inside the period."""
        return self.start + timedelta(days=bisect_right(self.midnights, instant) - 1)

    # What is to be reached

    @property
    def scale(self) -> int:
        """How many of what is counted by slot make a minor unit: over several currencies parts of one are counted."""
        return SCALE if self.rates else 1

    def net_at(self, value: int) -> int:
        """The net sum at which the actual reaches a value, once all of the comparison counts."""
        return value * self.scale + self.offset

    @property
    def measured(self) -> bool:
        return self.kind in MEASURED

    @property
    def final(self) -> int:
        """g: what the actual is to come to at the end, in minor units."""
        if self.kind == UPLIFT and self.mode == LEVEL:
            return self.goal + self.compared_total
        return self.goal

    @property
    def span(self) -> int:
        """D = g - b: below 0 where less is better; 0 only for `keep`, and without a baseline to compare with."""
        return self.final - self.baseline

    @property
    def sign(self) -> int:
        return -1 if self.span < 0 else 1

    @property
    def offset(self) -> int:
        """What is taken from the net sum before it is held against a goal or the value of a milestone, once all of the
        comparison counts."""
        return self.compared_total if self.kind == UPLIFT and self.mode == GAIN else 0

    @property
    def line(self) -> int | None:
        """The net sum at which a fact reaches the goal; None for kinds that are reached at close."""
        if self.kind == CUMULATIVE:
            return None if self.nothing_to_reach else self.net_at(self.goal)
        if self.kind != UPLIFT or self.awaits_comparison or self.incomparable:
            return None
        return self.final + self.offset

    @property
    def limits(self) -> Thresholds:
        return DEFAULT_THRESHOLDS if self.thresholds is None else thresholds_of(**self.thresholds)

    # What it is compared with

    @property
    def awaits_comparison(self) -> bool:
        """Whether its comparison is still to be frozen, which happens at activation."""
        return self.comparison is not None and self.frozen is None

    @property
    def incomparable(self) -> bool:
        """Whether an uplift has nothing to rest on: no sales to compare with, none that a percentage could be of, or
        so much taken back of them that nothing need be sold to be over them."""
        if self.kind != UPLIFT or self.frozen is None:
            return False
        return has_none(self.frozen) or self.goal <= 0 or self.goal + self.compared_total <= 0

    @property
    def no_baseline(self) -> bool:
        """Whether it can't be said what is expected: it is incomparable, or last year has no profile."""
        if self.frozen is None:
            return False
        return self.incomparable or (self.pacing == "last_year" and not self._profile[-1])

    @property
    def partial(self) -> bool:
        """Whether under 80 % of the comparison's open days have sales."""
        return self.comparison is not None and self.frozen is not None and is_partial(self.comparison, self.frozen)

    @property
    def compared_total(self) -> int:
        return 0 if self.frozen is None else self.frozen.total

    @cached_property
    def _compared(self) -> list[int]:
        assert self.comparison is not None
        assert self.frozen is not None
        return compared_running(self.comparison, self.frozen, self.start, self.end)

    @cached_property
    def _profile(self) -> list[int]:
        assert self.comparison is not None
        assert self.frozen is not None
        return profile_running(self.comparison, self.frozen, self.start, self.end)

    @property
    def compared_with(self) -> str:
        """The period, for sentences: "2025-11-01 to 2025-11-30"."""
        assert self.comparison is not None
        return f"{self.comparison.start} to {self.comparison.end}"

    def compared(self, at: datetime) -> int:
        """comparison(tau) at an instant: of whole days, the day of a checkpoint with it."""
        if self.frozen is None:
            return 0
        elapsed = pace.days_elapsed(self.midnights, self.cutoffs, at)
        return self._compared[elapsed - 1] if elapsed else 0

    def with_comparison(self, frozen: Frozen, goal: int) -> "Plan":
        """The same plan, now that it is known what it is compared with."""
        return replace(self, frozen=frozen, goal=goal)

    # What its members make of a roll-up

    @property
    def sums_up(self) -> bool:
        """Whether what it expects is the sum of what its members expect; a ratio's goal is its own."""
        return bool(self.roll_up) and self.kind != RATIO

    @property
    def nothing_to_reach(self) -> bool:
        """Of a roll-up: whether it has no members that count, or such that expect nothing, or less."""
        return self.sums_up and self.goal <= 0

    @property
    def members(self) -> Rolled:
        return self.rolled or NOTHING

    def with_members(self, rolled: Rolled) -> "Plan":
        """The same plan, now that it is known what its members count and expect."""
        return replace(self, rolled=rolled, goal=rolled.goal if self.sums_up else self.goal)

    @property
    def moves(self) -> list[datetime]:
        """The instants at which E moves, in order."""
        return self.members.instants if self.sums_up else [at for at, _ in self.curve().steps]

    # What is expected

    def weight(self, at: datetime) -> Fraction:
        """W at one instant, as `curve()` has it, before any revision."""
        if self.kind == RATIO:
            return Fraction(at >= self.begins)
        if self.sums_up:
            return self._share(self.members.expected(at))
        if self.pacing == "equal_steps":
            return pace.weight_equal_steps(self.midnights, self.steps, at)
        if self._running is None:
            return pace.weight_linear(self.midnights, self.cutoffs, at)
        return pace.weight_daily(self.midnights, self.cutoffs, self._running, at)

    def curve(self) -> pace.Curve:
        """W over time, before any revision."""
        if self.kind == RATIO:
            return pace.Curve(((self.begins, Fraction(1)),))
        if self.sums_up:
            return self._summed_curve
        if self.pacing == "equal_steps":
            return pace.equal_steps(self.midnights, self.steps)
        if self._running is None:
            return pace.linear(self.midnights, self.cutoffs)
        return pace.daily(self.midnights, self.cutoffs, self._running)

    def _share(self, expected: Fraction) -> Fraction:
        """What this is of all that the members expect; 0 where that is nothing."""
        whole = self.members.values[-1] if self.members.values else Fraction(0)
        return expected / whole if whole > 0 else Fraction(0)

    @cached_property
    def _summed_curve(self) -> pace.Curve:
        """When each share is first reached: what members expect may fall again, where they were revised."""
        steps: list[tuple[datetime, Fraction]] = []
        for at, value in zip(self.members.instants, self.members.values, strict=True):
            share = min(Fraction(1), self._share(value))
            if share > (steps[-1][1] if steps else 0):
                steps.append((at, share))
        return pace.Curve(tuple(steps) or ((self.ends, Fraction(1)),))

    @cached_property
    def _running(self) -> list[Fraction] | None:
        """W at the end of each day, for paces by the day; None for a straight one, and while what it is compared with
        is not known."""
        match self.pacing:
            case "business_days":
                assert self.halves is not None
                return pace.running_of_halves(self.halves)
            case "weighted":
                assert self.weighting is not None
                return pace.running_of_weights(self.weighting, self.start, self.end)
            case "explicit" if not self.awaits_comparison and self.span:
                assert self.points is not None
                points = self.points
                if self.frozen is not None:
                    # The goal follows from a comparison, so points beyond it could not be refused: they are the goal.
                    points = [replace(one, value=min(one.value, self.final)) for one in points]
                return pace.running_of_points(points, self.start, self.end, self.baseline, self.final)
            case "last_year" if self.frozen is not None and not self.no_baseline:
                return pace.running_of_profile(self._profile)
        return None

    def expected(self, at: datetime) -> Fraction:
        """E(t) = b + D W(t) in minor units, exact; from the effective moment of a revision on, what it goes on to."""
        if self.sums_up:
            return self.members.expected(at)
        if self.rebased is None:
            return self.baseline + self.span * self.weight(at)
        base, before = Fraction(self.rebased.base), self.weight(self.rebased.at)
        if before == 1:
            return Fraction(self.final) if at >= self.ends else base
        return base + (self.final - base) * (self.weight(at) - before) / (1 - before)

    # Its open days

    def open_days(self, first: int = 0, last: int | None = None) -> Fraction:
        """Open days among those with the numbers first .. last - 1, from 0; without a calendar every day is open."""
        until = self.days if last is None else last
        if self.halves is None:
            return Fraction(max(0, until - first))
        return Fraction(sum(self.halves[first:until]), HALVES_A_DAY)
