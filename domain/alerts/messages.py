"""What a message says: JSON for machines and a line for people, with everything that it rests on. Pure."""

from fractions import Fraction
from uuid import UUID

from domain.alerts.beside import LOOK, POST, advice_beside, figures_beside
from domain.alerts.lines import line_of
from domain.alerts.revised import figures_of_revision
from domain.alerts.story import Story
from domain.checkpoint import Checkpoint, Reading
from domain.course import Course
from domain.figures import expected_at, goal_shown, required_rate
from domain.forecast import NO_RANGE
from domain.forecasting import projected_at
from domain.milestones.criterion import BY_HAND, TASKS, VALUE
from domain.milestones.milestone import Milestone
from domain.money import decimal_shown, half_even
from domain.plan import KEEP
from domain.proposals.proposal import Proposal
from domain.standing import pace_index
from domain.target import Target

PLACES = 4
BAD = ("at_risk", "off_track")


def message_of(story: Story, transition: str, kind: str, also: str | None = None) -> dict[str, object]:
    """The message of one transition. also: what the fact did to the condition beside it, such as "worse"."""
    plan, target = story.plan, story.target
    said: dict[str, object] = {
        "line": line_of(story, transition),
        "what": story.type,
        "kind": kind,
        "transition": transition,
        "target": {"id": str(target.id), "name": plan.name, "state": target.state.value},
        "unit": plan.unit,
        "goal": goal_shown(plan),
        "owner": plan.owner,
        "team": plan.team or [],
    }
    if also is not None:
        said["condition"] = also
    said |= _figures(story) | figures_beside(story)
    if story.milestone is not None:
        said["milestone"] = _milestone(story.milestone)
    said |= {
        "what_to_do": _advice(story),
        "link": f"/targets/{target.id}{_part(story)}",
        "rests_on": rests_on(story),
    }
    return said


def _part(story: Story) -> str:
    """Where on the target's page it is told of."""
    return "" if story.milestone is None else f"#milestone-{story.milestone.id}"


def trial_of(recipient: str, target: UUID | None, channel: str) -> dict[str, object]:
    """What is sent to try a subscription out."""
    about = "every target" if target is None else f"target {target}"
    return {
        "line": f"This is a test of the subscription of {recipient} to {about} by {channel}: nothing has happened",
        "what": "test",
        "transition": "test",
        "link": "/" if target is None else f"/targets/{target}",
    }


def disabled_of(subscription: UUID, host: str, reason: str) -> dict[str, object]:
    """What whoever has a webhook that was disabled hears of it elsewhere."""
    return {
        "line": f"Nothing is sent to your webhook on {host} any more: {reason}",
        "what": "endpoint.disabled",
        "subscription": str(subscription),
        "what_to_do": [f"Mend it, then send its URL again: PATCH /v1/subscriptions/{subscription}"],
        "link": f"/v1/subscriptions/{subscription}",
    }


def enabled_of(subscription: UUID, host: str) -> dict[str, object]:
    return {
        "line": f"Your webhook on {host} is sent to again",
        "what": "subscription.changed",
        "subscription": str(subscription),
        "what_to_do": [],
        "link": f"/v1/subscriptions/{subscription}",
    }


def rests_on(story: Story) -> dict[str, object]:
    evaluation = {"evaluation": str(story.fact.originator_id)} if "checkpoint" in story.type else {}
    revision = {"revision": len(story.target.plans)}
    return {"type": story.type, "position": story.position} | revision | evaluation


# Figures


def _figures(story: Story) -> dict[str, object]:
    match story.fact:
        case Checkpoint.CheckpointEvaluated() as one:
            now = one.reading
            read = _checkpoint(story) | _reading(story, now) | {"previous": story.previous}
            return read | _rate(story, now.actual) | _projection(story, now, one.revision)
        case Checkpoint.CheckpointRestated(old=old, new=new):
            restated = {"before": _reading(story, old), "previous": old.status}
            read = _checkpoint(story) | _reading(story, new) | restated
            return read | _rate(story, new.actual) | _projection(story, new, story.fact.revision)
        case Checkpoint.CheckpointSettled():
            return _checkpoint(story)
        case Target.OutcomeRestated(old=was, new=is_, total=total):
            return _total(story, total) | {"status": is_, "previous": was}
        case Target.TargetClosed(total=total, outcome=outcome) | Target.TargetSealed(total=total, outcome=outcome):
            return _total(story, total) | {"status": outcome}
        case Target.TargetAttained(total=total):
            return _decided(story, total) | {"status": "attained"}
        case Target.AttainmentLost(total=total):
            return _decided(story, total) | {"status": "attainment_lost", "previous": "attained"}
        case Target.TargetRevised() as revised:
            return _total(story, story.target.shown_total(revised.timestamp)) | figures_of_revision(revised)
    return _total(story, story.target.shown_total(story.fact.timestamp))


def _checkpoint(story: Story) -> dict[str, object]:
    one = story.fact
    number = {"number": one.number, "cutoff": one.cutoff.isoformat(), "closing": story.closing}
    return {"checkpoint": {"id": str(one.originator_id)} | number}


def _reading(story: Story, one: Reading) -> dict[str, object]:
    said: dict[str, object] = {
        "status": one.status,
        "actual": story.amount(one.actual),
        "expected": story.amount(one.expected),
        "variance": story.amount(one.variance),
        "pace_index": one.pace,
        "complete": one.complete,
    }
    return said | ({"partial": True} if one.partial else {})


def _rate(story: Story, total: int) -> dict[str, object]:
    return {"required_rate": required_rate(story.plan, Fraction(total), story.fact.cutoff)}


def _projection(story: Story, now: Reading, revision: int | None) -> dict[str, object]:
    """Where it was heading at the cut-off, by the plan that it was read against; left out where nothing is forecast."""
    course = Course(story.target.plans[:revision])
    value = projected_at(course, Fraction(now.actual), story.fact.cutoff)
    if value is None:
        return {}
    return {"projection": {"value": story.amount(half_even(value)), "method": NO_RANGE}}


def _total(story: Story, total: int) -> dict[str, object]:
    at = min(story.fact.timestamp, story.plan.ends)
    plan, course = story.plan, story.target.course
    expected = expected_at(course, Fraction(total), at)
    said: dict[str, object] = {"actual": story.amount(total), "required_rate": required_rate(plan, Fraction(total), at)}
    if expected is None or plan.no_baseline:
        return said
    index = pace_index(total, expected, plan.baseline, plan.sign) if plan.kind != KEEP else None
    apart = total - half_even(expected)
    return said | {
        "expected": story.amount(half_even(expected)),
        "variance": story.amount(-abs(apart) if plan.kind == KEEP else plan.sign * apart),
        "pace_index": None if index is None else decimal_shown(index, PLACES),
    }


def _decided(story: Story, total: int) -> dict[str, object]:
    """A gain's total is over all of its comparison: nothing that is expected by now is held against it."""
    said = _total(story, total)
    paced = ("expected", "variance", "pace_index") if story.gains else ()
    return {name: what for name, what in said.items() if name not in paced}


def _milestone(one: Milestone) -> dict[str, object]:
    return {
        "id": str(one.id),
        "name": one.name,
        "due": one.due.isoformat(),
        "stage": one.stage.value,
        "tasks": {"all": len(one.tasks), "done": len(one.done)},
    }


def _advice(story: Story) -> list[str]:
    """What people can do about it, most of it on the page that the message links to."""
    look = LOOK
    match story.fact:
        case Checkpoint.CheckpointEvaluated(status=status) if status in BAD:
            plan = f"Plan what is to be done until when: POST /v1/targets/{story.target.id}/milestones"
            return [look, POST.format(target=story.target.id), plan]
        case Checkpoint.CheckpointRestated() | Target.OutcomeRestated() | Target.AttainmentLost():
            return ["See on its page the facts that changed it", look]
        case Proposal.RevisionProposed(originator_id=proposal):
            one = f"POST /v1/proposals/{proposal}"
            return [f"Approve it, unless it is your own: {one}/approve", f"Or decline it, with a reason: {one}/decline"]
        case Milestone.MilestoneDueSoon() | Milestone.MilestoneOverdue():
            kind = BY_HAND if story.milestone is None else story.milestone.criterion.kind
            done = {
                TASKS: "Do its tasks, and tick them off on its target's page",
                VALUE: f"Only sales achieve it. {look}",
                BY_HAND: "Achieve it on its target's page, with evidence",
            }
            return [done[kind], f"Or waive it, with a reason: POST /v1/milestones/{story.fact.originator_id}/waive"]
    return advice_beside(story)
