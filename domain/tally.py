"""A Tally: what a target has counted so far, and what that comes to by its plans."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from domain.actuals import actual_of, ratio_of
from domain.course import Course
from domain.ledger import Posting
from domain.plan import FROM_TO, GAIN, RATIO, Plan
from domain.progress import (
    Level,
    Measured,
    SaleRef,
    Slot,
    Withdrawal,
    changes_of,
    crossing_in,
    is_little,
    level_changes,
    level_sums,
    measured_in,
    moved_by,
    put_in,
    slots_of,
    standing,
    sum_before,
)


class Tally:
    """A part of Target's state: its plans, and its sums by slot. Facts move them; nothing is decided here."""

    plans: list[Plan]
    """By revision; the last is in force."""
    sums: dict[datetime, int]
    under: dict[datetime, int]
    levels: list[Level]
    missing: list[Withdrawal]
    """Measurements that were taken back before they were filled in."""
    total: int
    total_under: int

    def count_nothing(self) -> None:
        self.sums = {}
        self.under = {}
        self.levels = []
        self.missing = []
        self.total = 0
        self.total_under = 0

    def count(self, slots: Sequence[Slot], measured: Measured | None) -> None:
        for slot in slots:
            self.sums[slot.start] = self.sums.get(slot.start, 0) + slot.net
            self.total += slot.net
            if slot.under is not None:
                self.under[slot.start] = self.under.get(slot.start, 0) + slot.under
                self.total_under += slot.under
        if measured is not None and is_little(measured, self.missing):
            put_in(self.levels, measured.added)
        elif measured is not None:
            self.levels, self.missing = standing(self.levels, measured, self.missing)

    @property
    def plan(self) -> Plan:
        """The one in force."""
        return self.plans[-1]

    @property
    def course(self) -> Course:
        return Course(self.plans)

    def actual(self, at: datetime) -> Fraction | None:
        """A of all that is counted, as it reads at this instant; None for a ratio without a denominator."""
        return actual_of(self.plan, self.total, self.total_under, at)

    def shown_total(self, at: datetime) -> int:
        """The actual in minor units, half-even; 0 where there is none."""
        actual = self.actual(at)
        return 0 if actual is None else round(actual)

    def reaches(self, value: int) -> bool:
        """Whether the actual has reached a milestone's value, decided by facts: over the whole comparison."""
        if self.plan.kind == FROM_TO:
            return self.plan.sign * (self.plan.baseline + self.total - value) >= 0 and bool(self.levels)
        return self._at_least(value, self.total, self.total_under)

    def reached_before(self, value: int, instant: datetime) -> bool:
        """Whether what had happened before this instant, a midnight or a cut-off, reached the value."""
        net = sum_before(self.sums, instant)
        if self.plan.kind == FROM_TO:
            measured = self.measured_from is not None and self.measured_from < instant
            return measured and self.plan.sign * (self.plan.baseline + net - value) >= 0
        return self._at_least(value, net, sum_before(self.under, instant))

    def _at_least(self, value: int, net: int, under: int) -> bool:
        if self.plan.kind == RATIO:
            ratio = ratio_of(self.plan, net, under)
            return ratio is not None and ratio >= value
        if self.plan.mode == GAIN and self.plan.incomparable:
            return False  # without anything to compare with there is no gain, however much is sold
        return net >= self.plan.net_at(value)

    def crossed_by(self, postings: Sequence[Posting], value: int) -> SaleRef | None:
        """The posting that took the actual across the value, if it was one of these; of a ratio both parts do."""
        if not postings or self.plan.kind == RATIO:
            return None
        if self.plan.measured:
            return moved_by(self.levels, postings)
        # Beside a comparison below nothing a value may have been reached before anything was sold.
        return crossing_in(postings, self.total, self.plan.net_at(value))

    @property
    def measured_from(self) -> datetime | None:
        """When the first of its levels was measured."""
        return self.levels[0].occurred_at if self.levels else None

    @property
    def slot_starts(self) -> list[datetime]:
        starts: list[datetime] | None = self.__dict__.get("_slot_starts")
        if starts is None:
            starts = self.__dict__["_slot_starts"] = self.plan.slot_starts()
        return starts

    def slots_for(self, postings: Sequence[Posting], *, filled: bool = False) -> list[Slot]:
        """What these postings add, slot by slot, to what is counted so far."""
        if not self.plan.measured:
            return slots_of(self.slot_starts, postings)
        measured = measured_in(postings, filled=filled)
        if is_little(measured, self.missing):
            return level_changes(self.slot_starts, self.levels, measured.added, self.plan.baseline)
        after, _ = standing(self.levels, measured, self.missing)
        return changes_of(self.sums, level_sums(self.slot_starts, after, self.plan.baseline))
