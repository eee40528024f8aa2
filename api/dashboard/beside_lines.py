"""Facts of what stands beside a target as sentences of a few words: what people say of it, what was seen of it."""

from api.dashboard import wording
from api.dashboard.charts.amounts import exact
from domain.archive import Archive
from domain.plan import Plan
from domain.updates.updates import CONFIDENCE_MAX, Updates
from domain.watch.watch import Watch

BesideEvent = Updates.Event | Watch.Event | Archive.Event


def said_by(fact: BesideEvent) -> str | None:
    """The person whose fact it is."""
    return fact.by if isinstance(fact, Updates.UpdatePosted | Archive.Event) else None


def beside_line(fact: BesideEvent, plan: Plan, year: int) -> str:
    match fact:
        case Updates.UpdatePosted(on_track=on_track, why=why, confidence=confidence):
            stands = "on track" if on_track else "not on track"
            return f"Update, {stands}, confidence {confidence} of {CONFIDENCE_MAX}: {why}"
        case Archive.TargetArchived(reason=reason):
            return f"Archived{f': {reason}' if reason else ''}"
        case Archive.TargetUnarchived():
            return "Not archived any more"
        case Updates.CheckInRequested(number=number, of=of, due=due):
            people = ", ".join(of) or "Whoever is accountable"
            when = wording.moment(due, plan.time_zone, year)
            return f"Checkpoint {number}: {people} {'are' if len(of) > 1 else 'is'} asked to say why by {when}"
        case Updates.CheckInEscalated(number=number, to=to):
            return f"Checkpoint {number}: nobody said why, {f'{to} is told' if to else 'and nobody is one level up'}"
        case Updates.CheckInEnded(number=number, reason=reason):
            return f"Checkpoint {number}: nobody need say why any more, {reason}"
        case Watch.TargetSlipping():
            return f"Slipping: {_brought(fact, plan)}"
        case Watch.TargetStalled():
            return f"Stalled: {_brought(fact, plan)}"
        case Watch.TargetRecovered(what=what):
            return f"Not {what} any more"
        case Watch.DataStale(since=since):
            return f"No data comes: some was due by {wording.moment(since, plan.time_zone, year)}"
        case Watch.DataResumed(data_at=None):
            return "No data has to come any more"
        case Watch.DataResumed():
            return "Data comes again"
    raise AssertionError(f"{type(fact).__name__} stands beside no target")


def _brought(fact: Watch.TargetSlipping | Watch.TargetStalled, plan: Plan) -> str:
    brought, expected = (exact(minor, plan.unit, plan.exponent) for minor in (fact.actual, fact.expected))
    return f"{brought} of {expected} expected in the last {fact.days} open days"
