"""What a message says of a revision: each field before and after, and from when it holds. Pure."""

from collections.abc import Iterator
from typing import Any

from domain.alerts.story import Story
from domain.target import Target

CHANGES_SAID_MAX = 5
"""In the line; the figures have all of them."""


def line_of_revision(story: Story, fact: Target.TargetRevised) -> str:
    said = list(_changes(fact))
    more = f" and {len(said) - CHANGES_SAID_MAX} more" if len(said) > CHANGES_SAID_MAX else ""
    changed = f"{', '.join(said[:CHANGES_SAID_MAX])}{more}" or "compared anew"
    return f"{story.plan.name} was revised, {fact.mode}: {changed}. {fact.reason}"


def _changes(fact: Target.TargetRevised) -> Iterator[str]:
    for name, change in fact.changes.items():
        said, before, after = name.replace("_", " "), change.get("from"), change.get("to")
        if isinstance(before, dict | list) or isinstance(after, dict | list):
            yield f"another {said}"
        elif before is None:
            yield f"{said} {after}"
        elif after is None:
            yield f"no {said} any more, before {before}"
        else:
            yield f"{said} from {before} to {after}"


def figures_of_revision(fact: Target.TargetRevised) -> dict[str, Any]:
    """changes: by field, as it was said before and after."""
    return {
        "revision": {
            "number": fact.revision,
            "mode": fact.mode,
            "effective_at": fact.effective_at.isoformat(),
            "reason": fact.reason,
            "changes": fact.changes,
            "attained": fact.attained,
            "by": fact.by,
            "proposed_by": fact.proposed_by,
        }
    }
