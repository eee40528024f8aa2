"""The terms of a target: what people say of it, its days, and what it is compared with."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.domain.reference import within
from tests.domain.scratch.days import DAY, Days, Words, days_of, instant_of_day
from tests.domain.scratch.sales import Sales, counts_at, in_scope
from tests.plain_figures.comparison import Comparison
from tests.plain_figures.dates import months_later


@dataclass
class Terms:
    words: Words
    days: Days
    compared: Comparison | None = None
    sold_on: frozenset[date] = frozenset()
    """The days of the comparison that had any sale."""

    @classmethod
    def of(cls, words: Words) -> "Terms":
        return cls(words, days_of(words))

    @property
    def clawback(self) -> bool:
        return self.words.get("refunds") == "clawback"

    @property
    def pacing(self) -> str:
        return self.words.get("pacing") or ("equal_steps" if self.words.get("schedule") else "linear")

    @property
    def has_comparison(self) -> bool:
        return "comparison" in self.words or self.pacing == "last_year"

    @property
    def compared_with(self) -> tuple[date, date]:
        words = self.words
        return words.get("comparison") or (months_later(words["start"], -12), months_later(words["end"], -12))

    @property
    def compared_by(self) -> tuple[object, ...]:
        """All that a comparison hangs on."""
        return self.has_comparison and self.compared_with, self.words.get("scope"), self.clawback

    @property
    def paced_by(self) -> tuple[object, ...]:
        """All that what is expected hangs on."""
        steps = self.days.steps if self.pacing == "equal_steps" else ()
        words = self.words
        compared = self.has_comparison and (*self.compared_by, words.get("align"), self.compared is None)
        return words.get("goal"), words.get("baseline"), words.get("mode"), words["end"], self.pacing, steps, compared

    @property
    def grain(self) -> set[datetime]:
        """The instants from which on sums are kept."""
        return {*self.days.midnights, *self.days.cutoffs} - {self.days.ends}

    def freeze(self, sales: Sales) -> None:
        """What it is compared with, as it was known when the target was activated."""
        words, zone = self.words, self.words["time_zone"]
        if not self.has_comparison:
            return
        start, end = self.compared_with
        begins, ends = instant_of_day(start, zone), instant_of_day(end + DAY, zone)
        nets, sold_on = Counter[date](), set[date]()
        for one in sales.ever:
            at = counts_at(one, clawback=self.clawback)
            if one.metric == words["metric"] and begins <= at < ends and in_scope(one, words):
                sold_on.add(_day(at, zone))
        for one in sales.counted:
            at = counts_at(one, clawback=self.clawback)
            if one.metric == words["metric"] and begins <= at < ends:
                nets[_day(at, zone)] += within(one, words.get("scope") or {})
        align = words.get("align") or "same_date"
        self.compared = Comparison(start, end, nets, align, words["start"], words["end"])
        self.sold_on = frozenset(sold_on)

    def elapsed(self, at: datetime) -> int:
        """Days of the period; at a checkpoint its own day counts whole."""
        found = 0
        for midnight, next_midnight in zip(self.days.midnights, self.days.midnights[1:], strict=False):
            closed = any(midnight < cutoff <= at for cutoff in self.days.cutoffs if cutoff < next_midnight)
            found += next_midnight <= at or closed
        return found

    def day(self, elapsed: int) -> date:
        """The last of so many days."""
        day: date = self.words["start"] + (elapsed - 1) * DAY
        return day


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def cents(text: str) -> int:
    return int(Decimal(text) * 100)
