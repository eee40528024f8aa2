"""The milestones that hang on a value, beside their target's total: judged once per batch, in order of their values."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from uuid import UUID

from domain.application import Fact, Writing
from domain.ledger import Posting
from domain.milestones.milestone import Milestone, Stage
from domain.milestones.reminders import keep_agenda
from domain.plan import RATIO
from domain.target import Target


def judge_values(
    log: Writing,
    target: Target,
    milestones: Mapping[UUID, Milestone],
    postings: Sequence[Posting],
    *,
    refilled: bool = False,
    by: str,
    at: datetime,
) -> list[Fact]:
    """What the target's milestones come to now that its total has grown by these postings; the agenda follows.

    refilled: it was counted anew after a revision: what is lost by that was taken by no sale.
    """
    facts: list[Fact] = []
    moved: list[Milestone] = []
    for milestone in on_the_way(target, milestones.values()):
        lost = refilled and milestone.stage is Stage.ACHIEVED
        milestone.judge(target, () if lost else postings, milestones, by=by, at=at)
        if said := milestone.collect_events():
            facts += said
            moved.append(milestone)
    keep_agenda(log, target, moved, at)
    return facts


def on_the_way(target: Target, milestones: Iterable[Milestone]) -> list[Milestone]:
    """Those that hang on a value, the nearest to the baseline first, whichever way the target goes: of two that one
    batch achieves, the one before the other is not out of order."""
    plan = target.plan
    by_value = [(one.criterion.value, one) for one in milestones if one.criterion.value is not None]
    return [one for _, one in sorted(by_value, key=lambda it: plan.sign * (it[0] - plan.baseline))]


def judged_since(target: Target, milestones: Iterable[Milestone]) -> datetime | None:
    """From which slot on a filled target's crossings are named, of its goal and of the values of its milestones.

    None when it has reached none of them.
    """
    if target.plan.measured or target.plan.kind == RATIO:
        return None  # its latest level is what reaches a value, or two sums are: none has to be followed
    values = (one.criterion.value for one in milestones if one.stage is not Stage.WAIVED)
    lines = [target.plan.line, *(None if value is None else target.plan.net_at(value) for value in values)]
    return min(
        (since for line in lines if line is not None and (since := below_last(target, line)) is not None), default=None
    )


def below_last(target: Target, line: int) -> datetime | None:
    """The start of the last slot that begins with the total below the line; None when the line isn't reached, or was
    before anything was sold."""
    if target.total < line:
        return None
    starts = sorted(target.sums)
    before = accumulate((target.sums[start] for start in starts), initial=0)
    return max((start for start, total in zip(starts, before, strict=False) if total < line), default=None)
