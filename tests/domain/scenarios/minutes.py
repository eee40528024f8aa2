"""The minutes: what the product has said so far, by its facts alone."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.application import Milemarker
from domain.checkpoint import Checkpoint, Reading
from domain.milestones.milestone import Milestone
from domain.target import Target
from tests.domain.scratch.classes import Read

PAGE = 10_000


@dataclass
class TargetMinutes:
    state: str = "draft"
    total: int = 0
    attained: bool = False
    revised: bool = False
    outcome: str | None = None
    reported: dict[int, Read] = field(default_factory=dict)
    """What was said of each checkpoint when it was evaluated."""
    restated: dict[int, Read] = field(default_factory=dict)
    """What it reads now."""
    heard: dict[int, Read] = field(default_factory=dict)
    """What people were told of it last."""
    milestones: dict[UUID, str] = field(default_factory=dict)
    kept: dict[str, bool] = field(default_factory=dict)
    """Whether each of its milestones is achieved, by name."""


class Minutes:
    def __init__(self, app: Milemarker) -> None:
        self._app = app
        self._position = 0
        self.targets: dict[UUID, TargetMinutes] = {}

    def catch_up(self) -> None:
        for one in self._app.recorder.select_notifications(self._position, PAGE, inclusive_of_start=False):
            self._position = one.id
            self._follow(self._app.mapper.to_domain_event(one))

    def _follow(self, fact: Any) -> None:
        match fact:
            case Target.TargetDefined():
                self.targets[fact.originator_id] = TargetMinutes()
            case Checkpoint.CheckpointEvaluated() | Checkpoint.CheckpointRestated() | Milestone.Event():
                _follow_part(self.targets[fact.target], fact)
            case Target.Event():
                _follow_target(self.targets[fact.originator_id], fact)


def _follow_target(said: TargetMinutes, fact: Any) -> None:
    match fact:
        case Target.TargetActivated():
            said.state = "filling"
        case Target.TargetFilled():
            said.state = "active"
        case Target.ProgressRecorded():
            said.total += sum(slot.net for slot in fact.slots)
        case Target.TargetAttained():
            assert not said.attained, "what is attained can't be attained again"
            said.attained = True
        case Target.AttainmentLost():
            assert said.attained, "only what was attained can be lost"
            said.attained = False
        case Target.TargetRevised():
            said.revised = True
            if fact.fill_upto is not None:
                said.state, said.total = "filling", 0
            if fact.attained is not None:
                assert (fact.attained != "not_attained") != said.attained, "a revision says what it changes"
                said.attained = not said.attained
        case Target.TargetClosed():
            said.state, said.outcome = "closed", fact.outcome
        case Target.OutcomeRestated():
            assert fact.old == said.outcome != fact.new
            said.outcome = fact.new
        case Target.TargetSealed():
            assert fact.outcome == said.outcome
            said.state = "sealed"
        case Target.TargetCancelled():
            said.state = "cancelled"


def _follow_part(said: TargetMinutes, fact: Any) -> None:
    match fact:
        case Checkpoint.CheckpointEvaluated():
            assert fact.number not in said.reported, "a checkpoint is evaluated once"
            said.reported[fact.number] = said.restated[fact.number] = _read(fact)
            if fact.announced:
                said.heard[fact.number] = said.restated[fact.number]
        case Checkpoint.CheckpointRestated():
            assert _read(fact.old) == said.restated[fact.number]
            said.restated[fact.number] = _read(fact.new)
            if fact.announced:
                said.heard[fact.number] = said.restated[fact.number]
        case Milestone.MilestonePlanned():
            said.milestones[fact.originator_id] = fact.name
            said.kept[fact.name] = False
        case Milestone.MilestoneAchieved() | Milestone.MilestoneReopened():
            name, achieved = said.milestones[fact.originator_id], isinstance(fact, Milestone.MilestoneAchieved)
            assert said.kept[name] != achieved, "neither is said twice"
            said.kept[name] = achieved


def _read(said: Checkpoint.CheckpointEvaluated | Reading) -> Read:
    return Read(said.actual, said.expected, said.variance, said.pace, said.status)
