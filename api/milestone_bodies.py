"""What is sent about milestones and tasks, field by field; the rules themselves are the domain's."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import Field

from api.definition_bodies import PERSON, Amount, Day, Strict
from domain.hearing import day as day_of
from domain.milestones.criterion import KINDS, TASKS
from domain.milestones.due_rule import TAKES, TASK_TAKES, DueRule, due_rule_of
from domain.milestones.milestone import TASKS_MAX
from domain.milestones.planning import WEIGHT_MAX, Wish
from domain.milestones.task import NAME_LENGTH_MAX, TaskWish
from domain.period import DAYS_MAX
from domain.prose import LENGTH_MAX as PROSE_LENGTH_MAX
from domain.refusal import Refused

_RULES = (
    "What it hangs on. `start`, `end`: the first or last day of the target. `checkpoint`: the one that `number` says."
    " `fraction`: where the pace has reached the share `of` the goal. `date`: a fixed day."
)
_AT_ITS_END = " It is due at the end of the local day, or at the checkpoint's cut-off"


class DueBody(Strict):
    """When a milestone falls due, within its target's period."""

    rule: str = Field(
        description=_RULES + _AT_ITS_END, examples=["checkpoint"], json_schema_extra={"enum": list(TAKES)}
    )
    number: int | None = Field(
        default=None,
        description="With `checkpoint`, and needed there: its number, from 1 in order of the cut-offs",
        examples=[2],
    )
    offset_days: int | None = Field(
        default=None,
        description="With `start`, `end` and `checkpoint`: so many calendar days later, or earlier when below 0."
        f" Default 0; up to {DAYS_MAX:,}",
        examples=[-1],
    )
    offset_open_days: int | None = Field(
        default=None,
        description="In place of `offset_days`: so many days that the target's calendar has open, by half at least;"
        " without a calendar every day is. To be due within the period there must be as many",
        examples=[-3],
    )
    of: str | None = Field(
        default=None,
        description="With `fraction`, and needed there: decimal text over 0 and up to 1, with up to 6 places",
        examples=["0.5"],
    )
    date: Day | None = Field(
        default=None, description="With `date`, and needed there: a day of the target's period", examples=["2026-11-20"]
    )

    @property
    def due_rule(self) -> DueRule:
        day = None if self.date is None else day_of(self.date, "/due/date")
        return due_rule_of(
            self.rule,
            self.takes,
            number=self.number,
            offset_days=self.offset_days,
            offset_open_days=self.offset_open_days,
            of=self.of,
            day=day,
        )

    @property
    def takes(self) -> Mapping[str, set[str]]:
        return TAKES


class TaskDueBody(DueBody):
    """When a task is to be done by: within the target's period, and at the latest when its milestone is due."""

    rule: str = Field(
        description="`milestone`: when its milestone is due, or some days before. " + _RULES + _AT_ITS_END,
        examples=["milestone"],
        json_schema_extra={"enum": list(TASK_TAKES)},
    )
    offset_days: int | None = Field(
        default=None,
        description="With `milestone`, `start`, `end` and `checkpoint`: so many calendar days later, or earlier when"
        f" below 0. Default 0; up to {DAYS_MAX:,}",
        examples=[-2],
    )

    @property
    def takes(self) -> Mapping[str, set[str]]:
        return TASK_TAKES


class CriterionBody(Strict):
    """What achieves a milestone."""

    kind: str = Field(
        description="`tasks`: all required tasks are done. `value`: the target's actual reaches `value`. `by_hand`: a"
        " person achieves it, with evidence",
        examples=["value"],
        json_schema_extra={"enum": list(KINDS)},
    )
    value: Amount | None = Field(
        default=None,
        description="With `value`, and needed there: decimal text in the target's unit, over zero. Of an uplift by"
        " gain: over all of its comparison. Of a level: between its baseline and its goal, or the goal. Of a"
        " ratio: a fraction. What is to be kept has none to be reached",
        examples=["50000.00"],
    )


class TaskBody(Strict):
    """A piece of work of a milestone."""

    name: str = Field(
        description=f"What is to be done: 1 to {NAME_LENGTH_MAX} printable characters",
        examples=["Call the ten largest customers"],
    )
    required: bool = Field(default=True, description="Whether a milestone of `tasks` waits for it", examples=[True])
    assignee: str | None = Field(default=None, description=f"Who does it: {PERSON}", examples=["jo@example.com"])

    due: TaskDueBody | None = Field(
        default=None,
        description="By when it is to be done. It moves with its milestone and target, as far as its rule does; one"
        " that would come after its milestone then is due with it",
        examples=[{"rule": "milestone", "offset_days": -2}],
    )

    def wish(self, field: str = "") -> TaskWish:
        """Or Refused; field: the pointer to it in a larger body."""
        try:
            rule = None if self.due is None else self.due.due_rule
        except Refused as refused:
            raise Refused(refused.code, refused.detail, f"{field}{refused.field}") from None
        return TaskWish(self.name, self.required, self.assignee, rule)


class MilestoneBody(Strict):
    """A point in time on a target's way, and what has to be so by then."""

    name: str = Field(
        description=f"What people call it: 1 to {NAME_LENGTH_MAX} printable characters", examples=["Half of November"]
    )
    due: DueBody = Field(
        description="When it falls due, by a rule that moves with the target",
        examples=[{"rule": "end", "offset_days": -7}],
    )
    criterion: CriterionBody = Field(
        CriterionBody(kind=TASKS),
        description="What achieves it. Default: its tasks",
        examples=[{"kind": "value", "value": "50000.00"}],
    )
    tasks: list[TaskBody] = Field(
        default_factory=list,
        description=f"What is to be done for it, up to {TASKS_MAX}; more may be added later",
        examples=[[{"name": "Call the ten largest customers"}]],
    )
    after: list[str] = Field(
        default_factory=list,
        description="The ids of milestones of the same target that it comes after, without a circle. To be achieved"
        " before them is allowed, and flagged (`out_of_order`)",
        examples=[[]],
    )
    weight: int = Field(
        default=1,
        description=f"How much it counts in the `completion` of the target's milestones: 1 to {WEIGHT_MAX:,}",
        examples=[1],
    )

    @property
    def wish(self) -> Wish:
        return Wish(
            self.name,
            self.due.due_rule,
            self.criterion.kind,
            self.criterion.value,
            [one.wish(f"/tasks/{number}") for number, one in enumerate(self.tasks)],
            ids_of(self.after),
            self.weight,
        )


class Rescheduling(Strict):
    """Another due date, another order, or both; what is left out stays as it is."""

    due: DueBody | None = Field(
        default=None, description="When it falls due from now on", examples=[{"rule": "date", "date": "2026-11-20"}]
    )
    after: list[str] | None = Field(
        default=None,
        description="The ids of all milestones that it comes after from now on; `[]` for none",
        examples=[[]],
    )


class TaskDone(Strict):
    """Whether a task is done, by when it is to be, or both; what is left out stays as it is."""

    done: bool | None = Field(
        default=None, description="True: it is done. False: it is not, or not any more", examples=[True]
    )
    due: TaskDueBody | None = Field(
        default=None,
        description="By when it is to be done from now on",
        examples=[{"rule": "milestone", "offset_days": -2}],
    )


class Achieving(Strict):
    """A milestone achieved by hand."""

    evidence: str = Field(
        description=f"What shows that it is achieved: 1 to {PROSE_LENGTH_MAX:,} characters",
        examples=["Signed on 12 November, see the minutes"],
    )


class Waiving(Strict):
    """A milestone that is not to be achieved any more."""

    reason: str = Field(description=f"Why: 1 to {PROSE_LENGTH_MAX:,} characters", examples=["The fair was called off"])


BODIES = (MilestoneBody, Rescheduling, TaskBody, TaskDone, Achieving, Waiving)
"""For the documentation."""


def ids_of(after: list[str]) -> list[UUID]:
    """The milestones that another comes after, or Refused: what can't be an id is none's."""
    found: list[UUID] = []
    for number, text in enumerate(after):
        try:
            found.append(UUID(text))
        except ValueError:
            raise Refused("unknown_predecessor", "the target has no such milestone", f"/after/{number}") from None
    return found
