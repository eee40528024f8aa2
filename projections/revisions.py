"""Verifies what each revision says of its target: what it goes on from, whether it is attained, where it stands."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from domain.checkpoint import Circumstances
from domain.revision import going_on_from, status_under
from domain.rollup.pinned import MembersPinned
from domain.target import Target

REVISING = (Target.TargetRevised, MembersPinned)
"""Facts that give a target another plan."""


def wrong_in_revision(target: Target, fact: Any, last: Circumstances) -> Iterator[str]:
    """What is not so. target: as it is before the fact; last: of its last evaluation."""
    if isinstance(fact, MembersPinned):
        refilled = fact.fill_upto is not None
        yield from _wrongly_attained(
            target, fact, None if refilled else target.attained_under(fact.plan_after(target.plan))
        )
        return
    plan = fact.plan
    yield from _wrongly_attained(target, fact, target.attained_under(plan, refilled=fact.fill_upto is not None))
    whole, at = replace(plan, rebased=None), fact.effective_at
    if plan.rebased != (due := going_on_from(target, whole, fact.mode, at, now=fact.timestamp)):
        said = "nothing" if plan.rebased is None else f"{plan.rebased.base} at {plan.rebased.at.isoformat()}"
        is_due = "nothing" if due is None else f"{due.base} at {due.at.isoformat()}"
        yield f"goes on from {said}, and it is {is_due}"
        return
    status = None if fact.fill_upto is not None else status_under(target, plan, last, fact.timestamp)
    if fact.status != status:
        yield f"says status {fact.status}, and it is {status}"


def _wrongly_attained(target: Target, fact: Any, due: str | None) -> Iterator[str]:
    if fact.attained != due:
        yield f"says {fact.attained or 'nothing of the attainment'}, and it is {due or 'as before'}"
