"""A company's books, told a second time: all that was published, and its targets."""

from datetime import datetime, timedelta

from tests.domain.reference import Published, Reference
from tests.domain.scratch.sales import Sales
from tests.domain.scratch.targets import ScratchTarget

AHEAD_MAX = timedelta(hours=24)
TAKEN = ("accepted", "waiting")


class Books:
    def __init__(self, now: datetime, grace: timedelta) -> None:
        self.now = now
        self.grace = grace
        self.published = Reference()
        self.targets: list[ScratchTarget] = []
        self._sales: Sales | None = None

    @property
    def sales(self) -> Sales:
        """What stands; looked up once as long as nothing is published."""
        if self._sales is None:
            self._sales = Sales(self.published)
        return self._sales

    def publish(self, sales: list[Published]) -> tuple[int, int, list[str]]:
        """How many are accepted, how many are duplicates, and why the others are refused."""
        verdicts = [self._verdict(one) for one in sales]
        accepted, duplicates = (sum(one in words for one in verdicts) for words in (TAKEN, ("duplicate",)))
        return accepted, duplicates, [one for one in verdicts if one not in (*TAKEN, "duplicate")]

    def _verdict(self, sale: Published) -> str:
        if datetime.fromisoformat(sale["occurred_at"]) > self.now + AHEAD_MAX:
            return "time_out_of_range"
        self._sales = None
        return self.published.publish(sale)

    def fill(self) -> None:
        for target in self.targets:
            target.fill()

    def look(self, complete: bool) -> None:
        for target in self.targets:
            target.look(self.now, self.grace, self.sales, complete)
