"""What may happen to a company. Each step is done by the product, and told to the scratch books; both give what came
of it. A new kind of step is a class here, and a line in `drawing.STEPS`."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from domain import revising
from domain.milestones.due_rule import DueRule
from domain.milestones.planning import Planner, Wish
from tests.domain.reference import Published
from tests.domain.scenarios.company import ANA, Company, refusal_of
from tests.domain.scenarios.targets import MARGIN, changes_said
from tests.domain.scratch.books import Books
from tests.domain.scratch.days import Words
from tests.domain.scratch.targets import ScratchTarget
from tests.words import resolving

CALM = timedelta(minutes=6)
"""Longer than any quiet spell of late sales lasts."""


class Step(Protocol):
    def do(self, company: Company) -> object: ...

    def tell(self, books: Books) -> object:
        """What must have come of it."""


@dataclass(frozen=True)
class Wait:
    time: timedelta

    def do(self, company: Company) -> None:
        company.now += self.time

    def tell(self, books: Books) -> None:
        books.now += self.time


@dataclass(frozen=True)
class Publish:
    process: int
    sales: list[Published]

    def do(self, company: Company) -> tuple[int, int, list[str]]:
        return company.publish(self.process, self.sales)

    def tell(self, books: Books) -> tuple[int, int, list[str]]:
        return books.publish(self.sales)


@dataclass(frozen=True)
class PublishInVain:
    """The process is cut off before its commit."""

    process: int
    sales: list[Published]

    def do(self, company: Company) -> None:
        company.publish_in_vain(self.process, self.sales)

    def tell(self, books: Books) -> None: ...


@dataclass(frozen=True)
class Define:
    words: Words
    activate: bool

    def do(self, company: Company) -> None:
        company.define(self.words, activate=self.activate)

    def tell(self, books: Books) -> None:
        target = ScratchTarget(self.words)
        books.targets.append(target)
        if self.activate:
            target.activate(books.sales)


@dataclass(frozen=True)
class Activate:
    target: int

    def do(self, company: Company) -> str | None:
        doing = partial(company.app.activate_target, by=ANA, at=company.now)
        return refusal_of(lambda: doing(company.targets[self.target]))

    def tell(self, books: Books) -> str | None:
        return books.targets[self.target].activate(books.sales)


@dataclass(frozen=True)
class Cancel:
    target: int

    def do(self, company: Company) -> str | None:
        doing = partial(company.app.cancel_target, by=ANA, at=company.now)
        return refusal_of(lambda: doing(company.targets[self.target], "the product is gone"))

    def tell(self, books: Books) -> str | None:
        return books.targets[self.target].cancel()


@dataclass(frozen=True)
class Revise:
    target: int
    changes: Words
    mode: str

    def do(self, company: Company) -> str | None:
        wish = revising.Wish(changes_said(self.changes), "the shop in Oslo opened", self.mode)
        target = company.targets[self.target]
        known = resolving(MARGIN)
        return refusal_of(lambda: revising.revise_target(company.app, target, wish, known, by=ANA, at=company.now))

    def tell(self, books: Books) -> str | None:
        return books.targets[self.target].revise(self.changes, self.mode, books.now, books.sales)


@dataclass(frozen=True)
class Fill:
    def do(self, company: Company) -> None:
        company.fill()

    def tell(self, books: Books) -> None:
        books.fill()


@dataclass(frozen=True)
class FillInPart:
    """It is stopped after so many looks: another goes on from there."""

    looks: int

    def do(self, company: Company) -> None:
        company.fill(self.looks)
        company.fill()

    def tell(self, books: Books) -> None:
        books.fill()


@dataclass(frozen=True)
class Look:
    """Whatever has fallen due is done; complete: whether ingest is through with what was published."""

    complete: bool

    def do(self, company: Company) -> None:
        company.look(complete=self.complete)

    def tell(self, books: Books) -> None:
        books.look(self.complete)


@dataclass(frozen=True)
class PlanMilestone:
    """On a target, by a value that it is to reach."""

    name: str
    target: int
    value: str

    def do(self, company: Company) -> str | None:
        planner = Planner(company.app, by=ANA, at=company.now)
        wish = Wish(self.name, DueRule("end"), "value", self.value)
        milestone = company.milestones[self.name] = company.new_id()
        return refusal_of(lambda: planner.plan(milestone, company.targets[self.target], wish))

    def tell(self, books: Books) -> str | None:
        return books.targets[self.target].promise(self.name, self.value)


@dataclass(frozen=True)
class Calm:
    """Time passes without anything, and all that was late is looked at: every figure is restated now."""

    def do(self, company: Company) -> None:
        company.fill()
        company.now += CALM
        company.look(complete=True)

    def tell(self, books: Books) -> None:
        books.fill()
        books.now += CALM
        books.look(complete=True)
