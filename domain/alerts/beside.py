"""What a message says of what stands beside a target: a line, figures and advice, for updates and for a watch."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from domain.alerts.alert import RESOLVED
from domain.alerts.story import Story
from domain.alerts.wording import said_day, said_status
from domain.updates.updates import CONFIDENCE_MAX, Updates
from domain.watch.watch import Watch

POST = "Say how it stands, why, and what would improve it: POST /v1/targets/{target}/updates"
LOOK = "See on its page what each day brought"


def line_beside(story: Story, transition: str) -> str:
    name, fact = story.plan.name, story.fact
    match fact:
        case Updates.UpdatePosted():
            return _posted(story, transition)
        case Updates.CheckInRequested(number=number, status=status, of=of):
            people = ", ".join(of) or "whoever is accountable"
            return f"{name} is {said_status(status)} at checkpoint {number}: {people} to say why by {_due(story)}"
        case Updates.CheckInEscalated(number=number, to=to):
            told = f"{to}, one level up, is told" if to else "there is nobody one level up"
            return f"{name}: nobody has said why of checkpoint {number} in time; {told}"
        case Updates.CheckInEnded(number=number, reason=reason):
            return f"{name}: nobody need say why of checkpoint {number} any more, it is {said_status(reason)}"
        case Watch.TargetSlipping():
            return f"{name} is slipping: {_brought(story)}"
        case Watch.TargetStalled():
            return f"{name} has stalled: {_brought(story)}"
        case Watch.TargetRecovered(what=what):
            return f"{name} is not {what} any more"
        case Watch.DataStale(expect_data_every=hours):
            return f"{name} has had no data for longer than {hours} hours: what it shows may be old"
        case Watch.DataResumed():
            return f"{name} has data again" if fact.data_at is not None else f"{name} need have no data any more"
    raise AssertionError(f"nobody hears of {story.type}")


def _posted(story: Story, transition: str) -> str:
    fact = story.fact
    stands = "on track" if fact.on_track else "not on track"
    said = f"{fact.by} says that {story.plan.name} is {stands}, confidence {fact.confidence} of {CONFIDENCE_MAX}"
    return f"Answered: {said}. {fact.why}" if transition == RESOLVED else f"{said}. {fact.why}"


def _due(story: Story) -> str:
    """Such as "the end of Sun 8 Nov": it is due at the end of a local day."""
    last = story.fact.due.astimezone(ZoneInfo(story.plan.time_zone)) - timedelta(microseconds=1)
    return f"the end of {said_day(last.date())}"


def _brought(story: Story) -> str:
    fact = story.fact
    return f"{story.money(fact.actual)} of {story.money(fact.expected)} expected in its last {fact.days} open days"


def figures_beside(story: Story) -> dict[str, object]:
    fact = story.fact
    match fact:
        case Updates.UpdatePosted():
            about = {"id": str(fact.update), "by": fact.by, "checkpoint": fact.number}
            said = {"on_track": fact.on_track, "why": fact.why, "improve": fact.improve, "confidence": fact.confidence}
            return {"update": about | said}
        case Updates.CheckInRequested():
            asked = {"of": fact.of, "due": fact.due.isoformat(), "status": fact.status}
            return {"check_in": _asked_about(fact) | asked}
        case Updates.CheckInEscalated():
            return {"check_in": _asked_about(fact) | {"escalated_to": fact.to}}
        case Updates.CheckInEnded():
            return {"check_in": _asked_about(fact) | {"reason": fact.reason}}
        case Watch.TargetSlipping() | Watch.TargetStalled():
            days = {"day": fact.day.isoformat(), "days": fact.days}
            brought = {"expected": story.amount(fact.expected), "actual": story.amount(fact.actual)}
            return {"trend": days | brought | {"burn": fact.burn, "last_burn": fact.last_burn}}
        case Watch.DataStale():
            return {"data": {"due": fact.since.isoformat(), "expect_data_every": fact.expect_data_every}}
    return {}


def _asked_about(fact: Updates.CheckInRequested | Updates.CheckInEscalated | Updates.CheckInEnded) -> dict[str, object]:
    return {"checkpoint": fact.number, "cutoff": fact.cutoff.isoformat()}


def advice_beside(story: Story) -> list[str]:
    """What people can do about it."""
    post = POST.format(target=story.target.id)
    match story.fact:
        case Updates.CheckInRequested() | Updates.CheckInEscalated():
            return [post, LOOK]
        case Watch.TargetSlipping() | Watch.TargetStalled():
            return [LOOK, post]
        case Watch.DataStale():
            metric = story.plan.metric
            return [f"See that what sends {metric} runs, and that what it sends is not refused: `milemarker refused`"]
    return []
