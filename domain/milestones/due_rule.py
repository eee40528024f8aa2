"""When a milestone falls due, as people say it: at the start, the end or a checkpoint, by the pace, or on a date.
A task's rule may hang on its milestone, too.

A rule gives a local day and an instant: the end of that day, or the cut-off of the checkpoint that it names. Open
days are calendar days where a target has no calendar; else days that are open at least by half.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from domain.course import Course
from domain.period import DAYS_MAX
from domain.plan import RATIO, Plan
from domain.refusal import Refused

TAKES = {
    "start": {"offset_days", "offset_open_days"},
    "end": {"offset_days", "offset_open_days"},
    "checkpoint": {"number", "offset_days", "offset_open_days"},
    "fraction": {"of"},
    "date": {"day"},
}
"""What may be said beside each rule."""
TASK_TAKES = {"milestone": {"offset_days", "offset_open_days"}, **TAKES}
"""The same of a task, which may be due before its milestone is."""
NEEDS = {"checkpoint": "number", "fraction": "of", "date": "day"}
CALLED = {"day": "date"}
"""What a field is called outside, where that is another name."""

_SHARE = re.compile(r"0\.[0-9]{1,6}|1(\.0{1,6})?", re.ASCII)


@dataclass(frozen=True)
class DueRule:
    """number: of the checkpoint; offset_days: calendar days later, earlier when below 0; offset_open_days: the same in
    open days; of: a share of the pace, decimal text; day: a fixed date."""

    rule: str
    number: int | None = None
    offset_days: int | None = None
    of: str | None = None
    day: date | None = None
    offset_open_days: int | None = None


@dataclass(frozen=True)
class Due:
    """The local day that something is due on, and the first instant after which it is overdue, in UTC."""

    day: date
    at: datetime


def due_rule_of(rule: str, takes: Mapping[str, set[str]] = TAKES, **said: Any) -> DueRule:
    """The rule with what is said beside it, or Refused: bad_due_rule, with the field; takes: TAKES or TASK_TAKES."""
    if rule not in takes:
        raise Refused("bad_due_rule", f"a due date's rule is one of {', '.join(takes)}", "/due/rule")
    given = {name: what for name, what in said.items() if what is not None}
    for name in given:
        if name not in takes[rule]:
            called = CALLED.get(name, name)
            raise Refused("bad_due_rule", f"the rule {rule} takes no {called}", f"/due/{called}")
    needed = NEEDS.get(rule)
    if needed is not None and needed not in given:
        called = CALLED.get(needed, needed)
        raise Refused("bad_due_rule", f"the rule {rule} needs {called}", f"/due/{called}")
    if given.keys() >= {"offset_days", "offset_open_days"}:
        raise Refused("bad_due_rule", "an offset is in calendar days or in open days, not in both", "/due/offset_days")
    for name in ("offset_days", "offset_open_days"):
        if abs(given.get(name, 0)) > DAYS_MAX:
            raise Refused("due_outside_period", "what is due is so within the target's period", f"/due/{name}")
    if "of" in given and (not _SHARE.fullmatch(given["of"]) or not Fraction(given["of"])):
        detail = 'a share of the pace is decimal text over 0 and up to 1, such as "0.5", with up to 6 places'
        raise Refused("bad_due_rule", detail, "/due/of")
    return DueRule(rule, **given)


def due_of(rule: DueRule, course: Course) -> Due:
    """When that is in the plan in force, or Refused: bad_due_rule, unknown_checkpoint, due_outside_period."""
    plan = course.plan
    if rule.rule == "fraction":
        return _of_pace(rule, course)
    if rule.rule == "checkpoint":
        checkpoint = next((one for one in plan.checkpoints if one.number == rule.number), None)
        if checkpoint is None:
            detail = f"the target's checkpoints have the numbers 1 to {len(plan.checkpoints)}"
            raise Refused("unknown_checkpoint", detail, "/due/number")
        if not rule.offset_days and not rule.offset_open_days:
            return Due(checkpoint.day, checkpoint.cutoff)
        return _offset(plan, checkpoint.day, rule)
    if rule.rule == "date":
        assert rule.day is not None
        return _end_of(plan, rule.day, "/due/date")
    return _offset(plan, plan.start if rule.rule == "start" else plan.end, rule)


def task_due_of(rule: DueRule, course: Course, milestone: Due) -> Due:
    """As `due_of`, of a task of a milestone that is due then; Refused (due_after_milestone) where it comes later."""
    due = _before(rule, course.plan, milestone) if rule.rule == "milestone" else due_of(rule, course)
    if due.at > milestone.at:
        detail = f"a task is due by the time that its milestone is: on {milestone.day}, or before"
        raise Refused("due_after_milestone", detail, _field(rule))
    return due


def task_due_then(rule: DueRule, course: Course, milestone: Due) -> Due:
    """As `task_due_of`, once the plan or the milestone has moved: what no longer fits is due with its milestone."""
    try:
        return task_due_of(rule, course, milestone)
    except Refused:
        return milestone


def _before(rule: DueRule, plan: Plan, milestone: Due) -> Due:
    return _offset(plan, milestone.day, rule) if rule.offset_days or rule.offset_open_days else milestone


def _field(rule: DueRule) -> str:
    """The one that said when."""
    said = next(
        (name for name in ("offset_open_days", "offset_days", "number", "of", "day") if getattr(rule, name)), "rule"
    )
    return f"/due/{CALLED.get(said, said)}"


def _of_pace(rule: DueRule, course: Course) -> Due:
    """Where the pace has reached the share; where a revision made it reach that within a day, at the day's end."""
    plan = course.plan
    if plan.kind == RATIO:
        raise Refused("bad_due_rule", "a ratio is expected whole all the time: its pace says no day", "/due/rule")
    assert rule.of is not None
    reached = course.reached_at(Fraction(rule.of))
    ends = [*plan.slot_starts()[1:], plan.ends]
    at = ends[min(bisect_left(ends, reached), len(ends) - 1)]
    return Due(plan.start + timedelta(days=bisect_left(plan.midnights, at) - 1), at)


def _offset(plan: Plan, day: date, rule: DueRule) -> Due:
    """The end of the day that lies so many days, or open days, from this one."""
    if rule.offset_open_days:
        return _end_of(plan, _open_days_from(plan, day, rule.offset_open_days), "/due/offset_open_days")
    return _end_of(plan, day + timedelta(days=rule.offset_days or 0), "/due/offset_days")


def _open_days_from(plan: Plan, day: date, many: int) -> date:
    """The open day that is so many further on, earlier when below 0; beyond the period where there are fewer."""
    number, step = (day - plan.start).days, 1 if many > 0 else -1
    left = abs(many)
    while left and -1 <= number <= plan.days:
        number += step
        if not 0 <= number < plan.days or plan.open_days(number, number + 1):
            left -= 1
    return plan.start + timedelta(days=number)


def _end_of(plan: Plan, day: date, field: str) -> Due:
    number = (day - plan.start).days
    if not 0 <= number < plan.days:
        raise Refused("due_outside_period", f"what is due is so within {plan.start} to {plan.end}", field)
    return Due(day, plan.midnights[number + 1])
