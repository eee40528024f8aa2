"""A company on the product: its clock is turned by hand, and its ids come from seeded chance, so that the same steps
on two logs say the same facts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.application import Milemarker
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.intake import Arrival, Intake
from domain.refusal import Refused
from tests.domain.scenarios.minutes import Minutes
from tests.domain.scenarios.targets import plan_said
from tests.domain.scratch.days import Words

GRACE = timedelta(seconds=10)
PROCESSES = 2
ANA = "ana@example.com"


class Cut(Exception):
    """The process is gone in the middle of what it was doing."""


class Company:
    def __init__(self, app: Milemarker, now: datetime) -> None:
        self.app = app
        self.now = now
        self.minutes = Minutes(app)
        self.targets: list[UUID] = []
        self.milestones: dict[str, UUID] = {}
        self.evaluator = Evaluator(app, GRACE)
        self._chance = Random(0)
        self._cut = False
        self._intakes = [Intake(app, self._batch_id) for _ in range(PROCESSES)]

    def new_id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def _batch_id(self) -> UUID:
        if self._cut:
            raise Cut
        return self.new_id()

    def publish(self, process: int, sales: list[Any]) -> tuple[int, int, list[str]]:
        (outcome,), _ = self._intakes[process].record([Arrival(sales)], self.now)
        return outcome.accepted, outcome.duplicates, [one.refused.code for one in outcome.rejected]

    def publish_in_vain(self, process: int, sales: list[Any]) -> None:
        """As `publish`, and cut off before anything is committed."""
        self._cut = True
        try:
            self.publish(process, sales)
        except Cut:
            pass
        finally:
            self._cut = False

    def define(self, words: Words, *, activate: bool) -> None:
        self.targets.append(self.new_id())
        self.app.define_target(self.targets[-1], plan_said(words), activate=activate, by=ANA, at=self.now)

    def fill(self, commits: int | None = None) -> None:
        """Fill what is filling; to the end, or until it is told to stop when it has looked so often."""
        looked = 0

        def stopping() -> bool:
            nonlocal looked
            looked += 1
            return commits is not None and looked > commits

        while Filler(self.app).fill_some(self.now, stopping):
            continue

    def look(self, *, complete: bool) -> None:
        while self.evaluator.evaluate_some(self.now, self.now, complete=complete):
            continue


def refusal_of(doing: Callable[[], object]) -> str | None:
    """The code by which it is refused, None where it is not."""
    try:
        doing()
    except Refused as refused:
        return refused.code
    return None
