"""One target, told a second time: what its checkpoints must read, what it has, and what came of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from tests.domain.scratch.classes import Read, class_of, read
from tests.domain.scratch.days import Words, days_of
from tests.domain.scratch.kinds import cents, expected, kind_of
from tests.domain.scratch.paces import weight
from tests.domain.scratch.sales import Sales

SEALED_AFTER = timedelta(days=30)
TRIED_AGAIN_AFTER = timedelta(seconds=30)
"""Nothing is sealed while ingest is behind."""
OVER = ("cancelled", "closed", "sealed")


@dataclass
class Promise:
    """A milestone that hangs on a value."""

    name: str
    value: int


class ScratchTarget:
    def __init__(self, words: Words) -> None:
        self.words = words
        self.days = days_of(words)
        self.kind = kind_of(words, self.days)
        self.state = "draft"
        self.evaluated = 0
        self.reported: dict[int, Read] = {}
        """What was said of each checkpoint when it was evaluated."""
        self.seals_at: datetime | None = None
        self.at_seal: Sales | None = None
        self.promises: list[Promise] = []

    def activate(self) -> str | None:
        if self.state == "cancelled":
            return "cancelled"
        if self.state == "draft":
            self.state = "filling"
        return None

    def fill(self) -> None:
        if self.state == "filling":
            self.state = "active"

    def cancel(self) -> str | None:
        if self.state in ("closed", "sealed"):
            return "closed"
        self.state = "cancelled"
        return None

    def promise(self, name: str, value: str) -> str | None:
        if self.state in OVER:
            return self.state
        self.promises.append(Promise(name, cents(value)))
        return None

    def look(self, now: datetime, grace: timedelta, sales: Sales, complete: bool) -> None:
        """Whatever is due by now."""
        while self.state == "active" and self.days.cutoffs[self.evaluated] + grace <= now:
            self.evaluated += 1
            self.reported[self.evaluated] = self._read(self.evaluated, sales)
            if self.evaluated == len(self.days.cutoffs):
                self.state, self.seals_at = "closed", max(now, self.days.ends) + SEALED_AFTER
        if self.seals_at is not None and self.state == "closed" and self.seals_at <= now:
            if complete:
                self.state, self.at_seal = "sealed", sales
            else:
                self.seals_at = now + TRIED_AGAIN_AFTER

    def total(self, sales: Sales) -> int:
        return self.kind.actual(sales, self.days.ends)

    def attained(self, sales: Sales) -> bool:
        return self.kind.attained(self.judged_by(sales))

    def outcome(self, sales: Sales) -> str | None:
        return self.kind.outcome(self.judged_by(sales)) if self.state in ("closed", "sealed") else None

    def kept(self, sales: Sales) -> dict[str, bool]:
        """Whether each milestone's value is reached."""
        total = self.total(self.judged_by(sales))
        return {one.name: total >= one.value for one in self.promises}

    def readings(self, sales: Sales) -> dict[int, Read]:
        """What each evaluated checkpoint reads as restated, by its number."""
        sales, found, before = self.judged_by(sales), dict[int, Read](), None
        for number in range(1, self.evaluated + 1):
            said = self._read(number, sales)
            at = self.days.cutoffs[number - 1]
            share = weight(self.words, self.days, at)
            due = expected(self.kind, share)
            before = class_of(said.actual, due, self.kind.baseline, self.kind.goal, share, number, before)
            found[number] = replace(said, status=before)
        return found

    def line(self, at: datetime, index: Fraction) -> int:
        """The actual at which the pace index is so much, or just over."""
        due = expected(self.kind, weight(self.words, self.days, at))
        return ceil(self.kind.baseline + index * (due - self.kind.baseline))

    def judged_by(self, sales: Sales) -> Sales:
        """What was known when it was sealed: what comes later leaves the verdicts alone."""
        return sales if self.at_seal is None else self.at_seal

    def _read(self, number: int, sales: Sales) -> Read:
        at = self.days.cutoffs[number - 1]
        due = expected(self.kind, weight(self.words, self.days, at))
        return read(self.kind.actual(sales, at), due, self.kind.baseline)
