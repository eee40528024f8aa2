"""What people do with milestones and their tasks, beside what sales do to those: for tests that hold one log against
another, where the scratch books need not follow."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.milestones.due_rule import DueRule
from domain.milestones.planning import Planner, Wish
from domain.milestones.task import TaskWish
from tests.domain.scenarios.company import ANA, Company, Cut, refusal_of
from tests.domain.scenarios.drawing import Drawing
from tests.domain.scenarios.selling import Drawn
from tests.domain.scenarios.steps import Step
from tests.domain.scratch.books import Books
from tests.domain.scratch.days import DAY

DUE = (
    DueRule("start"),
    DueRule("end", offset_days=-2),
    DueRule("checkpoint", 1),
    DueRule("fraction", of="0.5"),
    DueRule("end", offset_open_days=-3),
)
WISHES = (
    Wish("with tasks", DUE[0], "tasks", tasks=[TaskWish("call", rule=DUE[0]), TaskWish("write", required=False)]),
    Wish("later", DUE[1], "tasks", tasks=[TaskWish("call", rule=DueRule("milestone")), TaskWish("write", rule=DUE[3])]),
    Wish("by hand", DUE[1], "by_hand", weight=3),
)
DEEDS = ("achieve", "waive", "reschedule", "add a task", "do a task", "undo a task", "move a task")


@dataclass(frozen=True)
class PlanByHand:
    target: int
    wish: int
    after: int | None
    """The milestone that it comes after, by number."""

    def do(self, company: Company) -> str | None:
        wish = WISHES[self.wish]
        milestones = list(company.milestones.values())
        if self.after is not None and milestones:
            wish = Wish(**vars(wish) | {"after": [milestones[self.after % len(milestones)]]})
        planned = company.milestones[f"by hand {len(milestones)}"] = company.new_id()
        target = company.targets[self.target]
        return refusal_of(lambda: Planner(company.app, by=ANA, at=company.now).plan(planned, target, wish))

    def tell(self, books: Books) -> None: ...


@dataclass(frozen=True)
class Manage:
    deed: str
    milestone: int
    rule: int

    def do(self, company: Company) -> str | None:
        milestones = list(company.milestones.values())
        return refusal_of(lambda: self._manage(company, milestones[self.milestone % len(milestones)]))

    def _manage(self, company: Company, one: UUID) -> object:
        planner, task = Planner(company.app, by=ANA, at=company.now), UUID(int=self.rule)
        match self.deed:
            case "achieve":
                return planner.achieve(one, "it is signed")
            case "waive":
                return planner.waive(one, "nobody needs it")
            case "reschedule":
                return planner.reschedule(one, DUE[self.rule])
            case "add a task":
                return planner.add_task(one, task, TaskWish("another"))
            case "move a task":
                return planner.set_task(one, task, None, DUE[self.rule])
            case _:
                return planner.set_task(one, task, self.deed == "do a task")

    def tell(self, books: Books) -> None: ...


@dataclass(frozen=True)
class CancelInVain:
    """All of it is written, and the process is gone before the commit."""

    target: int

    def do(self, company: Company) -> None:
        target_id = company.targets[self.target]
        try:
            with company.app.writing() as log:
                target = log.targets([target_id])[target_id]
                log.agenda.end(target_id)
                log.agenda.evaluated([(target_id, company.now)])
                log.agenda.late([(target_id, company.now - timedelta(days=9))], company.now)
                log.keep_route(target)
                log.keep_followed("alerts", log.position)
                if refusal_of(lambda: target.cancel("a mistake", by=ANA, at=company.now)) is None:
                    log.save(list(target.collect_events()))
                raise Cut
        except Cut:
            return

    def tell(self, books: Books) -> None: ...


@dataclass(frozen=True)
class PutOff:
    """A target is left alone for a day."""

    target: int

    def do(self, company: Company) -> None:
        company.evaluator.put_off(company.targets[self.target], company.now + DAY)

    def tell(self, books: Books) -> None: ...


def plan_by_hand(drawn: Drawn) -> list[Step]:
    chance, targets = drawn.chance, len(drawn.books.targets)
    after = chance.randrange(9) if drawn.one_in(2) else None
    drawn.managed += 1
    return [PlanByHand(chance.randrange(targets), chance.randrange(len(WISHES)), after)]


def manage(drawn: Drawn) -> list[Step]:
    if not drawn.managed:
        return plan_by_hand(drawn)
    return [Manage(drawn.chance.choice(DEEDS), drawn.chance.randrange(9), drawn.chance.randrange(len(DUE)))]


def cancel_in_vain(drawn: Drawn) -> list[Step]:
    return [CancelInVain(drawn.chance.randrange(len(drawn.books.targets)))]


def put_off(drawn: Drawn) -> list[Step]:
    return [PutOff(drawn.chance.randrange(len(drawn.books.targets)))]


MANAGING: list[Drawing] = [*[plan_by_hand] * 3, *[manage] * 6, cancel_in_vain, put_off]
