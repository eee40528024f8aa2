"""What each fact means for the alerts of its target: which rule keeps it."""

from collections.abc import Iterable
from typing import Any

from eventsourcing.utils import get_topic

from domain.alerts.alert import MILESTONE_DUE, NEWS
from domain.alerts.checkpoint_alerts import CheckpointAlerts
from domain.alerts.endpoint_alerts import EndpointAlerts
from domain.alerts.milestone_alerts import MilestoneAlerts
from domain.alerts.ruling import Ruling
from domain.alerts.scopes import OF_ENDPOINTS, UNTIL_ATTAINED, UNTIL_CLOSED
from domain.alerts.target_alerts import TargetAlerts
from domain.alerts.telling import Round, Telling
from domain.alerts.update_alerts import UpdateAlerts
from domain.alerts.watch_alerts import WatchAlerts
from domain.checkpoint import Checkpoint
from domain.milestones.milestone import Milestone
from domain.target import Target
from domain.updates.updates import Updates
from domain.watch.watch import Watch


def keep(round_: Round, position: int, fact: Any) -> None:
    """Record what follows from a fact; one that nobody is to hear of still ends, in silence, what it is the end of."""
    if isinstance(fact, OF_ENDPOINTS):
        EndpointAlerts(round_, position, fact).keep()
        return
    said = (round_, position, get_topic(type(fact)), fact)
    if getattr(fact, "announced", True):
        Ruling(*said).tell(_tellings(*said))
    else:
        _end_silently(Ruling(*said))


def _end_silently(one: Ruling) -> None:
    match one.fact:
        case Target.TargetAttained():
            for kind in UNTIL_ATTAINED:
                one.silence(one.round.alert(kind, one.target_id), "attained", ())
        case Target.TargetClosed():
            for kind in UNTIL_CLOSED:
                one.silence(one.round.alert(kind, one.target_id), "closed", ())
        case Milestone.MilestoneAchieved() | Milestone.MilestoneMissed():
            reason = "achieved" if isinstance(one.fact, Milestone.MilestoneAchieved) else "missed"
            one.silence(one.round.alert(MILESTONE_DUE, one.target_id, str(one.own)), reason, ())


def _tellings(round_: Round, position: int, type_: str, fact: Any) -> Iterable[Telling]:
    """In the order in which they go before one another: a fact is one message for each address."""
    said = (round_, position, type_, fact)
    match fact:
        case Checkpoint.CheckpointEvaluated():
            return CheckpointAlerts(*said).evaluated()
        case Checkpoint.CheckpointRestated():
            return CheckpointAlerts(*said).restated()
        case Checkpoint.CheckpointSettled():
            return CheckpointAlerts(*said).settled()
        case Target.TargetAttained():
            return TargetAlerts(*said).attained()
        case Target.AttainmentLost():
            return TargetAlerts(*said).attainment_lost()
        case Target.TargetClosed():
            return TargetAlerts(*said).closed()
        case Target.OutcomeRestated():
            return TargetAlerts(*said).outcome_restated()
        case Target.TargetCancelled():
            return TargetAlerts(*said).cancelled()
        case Milestone.Event():
            return MilestoneAlerts(*said).tellings()
        case Watch.Event():
            return WatchAlerts(*said).tellings()
        case Updates.Event():
            return UpdateAlerts(*said).tellings()
    one = Ruling(*said)
    return [one.news(NEWS, "", one.target_id)]
