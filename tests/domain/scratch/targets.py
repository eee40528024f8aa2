"""One target, told a second time: what its checkpoints must read, what it has, and what came of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.domain.scratch.classes import Read
from tests.domain.scratch.days import Days, Words, instant_of_day
from tests.domain.scratch.kinds import KINDS
from tests.domain.scratch.sales import Sales
from tests.domain.scratch.terms import Terms, cents

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
        self.terms = Terms.of(words)
        self.kind = KINDS[words["kind"]](self.terms)
        self.state = "draft"
        self.evaluated = 0
        self.reported: dict[int, Read] = {}
        """What was said of each checkpoint when it was evaluated."""
        self.seals_at: datetime | None = None
        self.at_activation: Sales | None = None
        self.at_seal: Sales | None = None
        self.promises: list[Promise] = []

    @property
    def days(self) -> Days:
        return self.terms.days

    @property
    def moments(self) -> list[datetime]:
        """At which something begins, is evaluated or ends."""
        zone, compared = self.words["time_zone"], self.words.get("comparison") or ()
        return [self.days.begins, *self.days.cutoffs, *(instant_of_day(one, zone) for one in compared)]

    def activate(self, sales: Sales) -> str | None:
        if self.state == "cancelled":
            return "cancelled"
        if self.state == "draft":
            self.state, self.at_activation = "filling", sales
        return None

    def fill(self) -> None:
        if self.state == "filling":
            assert self.at_activation is not None
            self.terms.freeze(self.at_activation)
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
            self.reported[self.evaluated] = self.kind.read(sales, self.days.cutoffs[self.evaluated - 1])
            if self.evaluated == len(self.days.cutoffs):
                self.state, self.seals_at = "closed", max(now, self.days.ends) + SEALED_AFTER
        if self.seals_at is not None and self.state == "closed" and self.seals_at <= now:
            if complete:
                self.state, self.at_seal = "sealed", sales
            else:
                self.seals_at = now + TRIED_AGAIN_AFTER

    def attained(self, sales: Sales) -> bool:
        return self.kind.attained(self.judged_by(sales))

    def outcome(self, sales: Sales) -> str | None:
        if self.state not in ("closed", "sealed"):
            return None
        statuses = [f"{one.status}" for one in self.readings(sales).values()]
        return self.kind.outcome(self.judged_by(sales), statuses)

    def kept(self, sales: Sales) -> dict[str, bool]:
        """Whether each milestone's value is reached."""
        return {one.name: self.kind.reaches(self.judged_by(sales), one.value) for one in self.promises}

    def readings(self, sales: Sales) -> dict[int, Read]:
        """What each evaluated checkpoint reads as restated, by its number."""
        sales, found, before = self.judged_by(sales), dict[int, Read](), None
        for number, at in enumerate(self.days.cutoffs[: self.evaluated], 1):
            before = self.kind.status(sales, at, number, before)
            found[number] = replace(self.kind.read(sales, at), status=before)
        return found

    def judged_by(self, sales: Sales) -> Sales:
        """What was known when it was sealed: what comes later leaves the verdicts alone."""
        return sales if self.at_seal is None else self.at_seal
