"""What is answered about milestones and tasks, field by field, for the documentation."""

from api.documentation.schemas import (
    Schema,
    amount,
    day,
    flag,
    id_of,
    instant,
    list_of,
    named,
    one_of,
    or_null,
    page,
    record,
    share,
    text,
    whole,
)
from domain.milestones.criterion import KINDS
from domain.milestones.due_rule import TAKES, TASK_TAKES
from domain.milestones.milestone import Stage

_sale = record(
    "The sale that crossed the line.",
    {
        "source": text("Who published it", "webshop"),
        "id": text("The source's own id", "ord-1001"),
        "occurred_at": instant("When it was sold; in UTC"),
    },
)
_beside = {
    "number": whole("Of the checkpoint, with the rule `checkpoint`", 2),
    "offset_days": whole("Calendar days later; earlier when below 0", -1),
    "offset_open_days": whole("Open days later; earlier when below 0", -3),
    "of": text("The share of the pace, with the rule `fraction`", "0.5"),
    "date": day("With the rule `date`"),
}
_came_to = {
    "day": day("The local day that it is due on"),
    "at": instant("It is overdue from this instant on; in UTC"),
}
_due = record(
    "The rule as it was given, and what it came to.",
    {"rule": one_of(TAKES, "What the due date hangs on"), **_beside, **_came_to},
    optional=tuple(_beside),
)
_task_due = record(
    "The rule as it was given, and what it came to.",
    {"rule": one_of(TASK_TAKES, "What the due date hangs on"), **_beside, **_came_to},
    optional=tuple(_beside),
)
_achieved = record(
    "How it was achieved. Null while it is not.",
    {
        "at": instant("When that was recorded; in UTC"),
        "by": text("Who: a person by hand or with the last task, `ingest` or `fill` where a value decides", "ingest"),
        "late": flag("Whether that was after it was due"),
        "out_of_order": flag("Whether a milestone that it comes after was not achieved yet"),
        "actual": or_null(amount("The target's actual then. Null unless a value decides", "50012.00")),
        "lifted_by": or_null(_sale),
        "evidence": or_null(text("What was given as evidence. Null unless it was achieved by hand")),
    },
)
_reopened = record(
    "Why it is not achieved any more. Null when that never happened, or it was achieved again.",
    {
        "at": instant("When that was recorded; in UTC"),
        "actual": or_null(amount("The target's actual then. Null unless a value decides")),
        "lowered_by": or_null(_sale),
        "task": or_null(id_of("The required task that is not done. Null unless tasks decide")),
    },
)
_criterion = record(
    "What achieves it.",
    {
        "kind": one_of(
            KINDS, "`tasks`: all required ones are done. `value`: the target's actual reaches it. `by_hand`"
        ),
        "value": or_null(amount("To be reached, in the target's unit. Null unless a value decides", "50000.00")),
    },
)

SCHEMAS: dict[str, Schema] = {
    "Task": record(
        "A piece of work of a milestone.",
        {
            "id": id_of("The task's id"),
            "name": text("What is to be done"),
            "required": flag("Whether a milestone of tasks waits for it"),
            "assignee": or_null(text("Who does it", "jo@example.com")),
            "due": or_null(_task_due),
            "done": flag("Whether it is done"),
            "overdue": flag("Whether it should be done by now, and is not"),
        },
    ),
    "Milestone": record(
        "A point in time on a target's way, and what has to be so by then.",
        {
            "id": id_of("The milestone's id"),
            "target": id_of("The target that it is on"),
            "plan_version": whole("The ETag: what people do to it and its tasks moves it, sales and time don't", 1),
            "name": text("What people call it"),
            "state": one_of(
                Stage,
                "`due_soon` from 7 days before it is due; `overdue` from then on; `missed`: the target closed without"
                " it; `waived`: it is not to be achieved any more",
            ),
            "due": _due,
            "criterion": _criterion,
            "weight": whole("How much it counts in `completion`", 1),
            "after": list_of(id_of("A milestone"), "The milestones that it comes after"),
            "tasks": list_of(named("Task"), "In the order in which they were added"),
            "achieved": or_null(_achieved),
            "reopened": or_null(_reopened),
            "waived": or_null(record("Null unless it was waived.", {"reason": text("Why")})),
            "position": whole("Everything in the log up to there is in it", 1234),
        },
    ),
    "MilestonePage": page(
        "Milestone",
        "the id of the last milestone here",
        {
            "completion": or_null(
                share("The share of all of them that is achieved, by their weights. Null when there is none", "1.0000")
            )
        },
    ),
}
