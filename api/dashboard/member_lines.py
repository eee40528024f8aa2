"""The targets that belong to one: who is ahead, what all of them bring together, and what they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from api.dashboard import wording
from api.dashboard.cards.card import share_of
from api.dashboard.glance import Glance, aimed, said, said_apart
from api.dashboard.overview_lines import actual_said, goal_said, name_said, share_said
from api.dashboard.statements import badge_of
from api.member_reads import FoundMember, summed
from api.target_reads import Found
from domain.money import minor_units
from domain.plan import RATIO, Plan
from domain.rollup.leaderboard import ATTAINMENT, ranked

SHOWN_MAX = 20


@dataclass(frozen=True)
class MemberLine:
    """rank: by how much of its own goal it has; empty while that is not known. window: where it is not a member for as
    long as it lasts."""

    id: UUID
    name: str
    owner: str | None
    rank: str
    status: str
    actual: str
    goal: str
    share: str
    bar: str
    window: str


@dataclass(frozen=True)
class MemberList:
    """sums: what they come to together, sentence by sentence; left_out: how many are not shown."""

    lines: Sequence[MemberLine]
    sums: Sequence[str]
    left_out: int


def members_said(parent: Found, members: Sequence[FoundMember]) -> MemberList | None:
    """The one that is ahead first, then those that don't count; None for a target without members."""
    if not members:
        return None
    last = {one.found.id: one for one in members}
    counting = {target: one for target, one in last.items() if one.counts}
    board = ranked({target: one.value(ATTAINMENT) for target, one in counting.items()})
    of = parent.known.plan
    lines = [_line(of, last[target], rank) for rank, target in board]
    lines += [_line(of, one, None) for target, one in last.items() if target not in counting]
    sums = [sentence for sentence in _sums(parent.known.plan, summed(parent, members, None)) if sentence]
    return MemberList(lines[:SHOWN_MAX], sums, max(0, len(lines) - SHOWN_MAX))


def _line(parent: Plan, one: FoundMember, rank: int | None) -> MemberLine:
    glance = Glance.of(one.found)
    period = (glance.plan.start, glance.plan.end)
    return MemberLine(
        id=one.found.id,
        name=name_said(glance.plan) if period == (parent.start, parent.end) else glance.plan.name,
        owner=glance.plan.owner,
        rank="" if rank is None else str(rank),
        status=badge_of(glance),
        actual=actual_said(glance),
        goal=goal_said(glance),
        share=share_said(glance),
        bar=share_of(glance.progress or Fraction(0)),
        window=_window(one, glance.year),
    )


def _window(one: FoundMember, year: int) -> str:
    since, until = one.belonging.since, one.belonging.until
    said = [] if since is None else [f"from {wording.day(since, year)}"]
    said += [] if until is None else [f"until {wording.day(until, year)}"]
    return " ".join(said)


def _sums(plan: Plan, told: dict[str, Any]) -> list[str]:
    whole, left = told["sum"], told["unallocated"]
    count = wording.counted(told["members"], "member")
    if whole is None:
        return [f"{count}: what they bring together can’t be told day by day"]
    if plan.kind == RATIO:
        ratio = whole["ratio"]
        return [f"{count}: {said(plan, _minor(plan, ratio))} together" if ratio is not None else count]
    goal = "" if whole["goal"] is None else f", of {aimed(plan, _minor(plan, whole['goal']))} that they are to reach"
    return [
        f"{count}: {aimed(plan, _minor(plan, whole['actual']))} together{goal}",
        ""
        if plan.roll_up or left is None
        else _left(plan, left["goal"], "of the goal is allocated to", "Their goals come to {} more than this one"),
        ""
        if plan.roll_up or left is None
        else _left(plan, left["actual"], "is counted by", "They count {} more than this target does"),
        _twice(plan, told["overlap"]),
    ]


def _left(plan: Plan, text: str | None, left: str, more: str) -> str:
    """What they leave; below nothing they have more."""
    minor = 0 if text is None else _minor(plan, text)
    amount = said_apart(plan, abs(minor))
    return "" if not minor else f"{amount} {left} none of them" if minor > 0 else more.format(amount)


def _twice(plan: Plan, text: str | None) -> str:
    if text is None:
        return "Some of them count the same sales, so together they may have more than there is"
    minor = _minor(plan, text)
    return f"{said(plan, minor)} of it is counted by two of them" if minor else ""


def _minor(plan: Plan, text: str) -> int:
    return minor_units(text, plan.exponent, signed=True)
