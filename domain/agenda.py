"""The agenda: what is to be done about a target at which instant. It is written in the log's own transactions, so
it agrees with the facts; timers only ring when something on it falls due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.plan import Plan

SETTLES_AFTER = timedelta(days=2)
SEALS_AFTER = timedelta(days=30)
QUIET_SPELL = timedelta(seconds=30)
"""A late sale is looked at when no further one has come for so long,"""
SPELL_MAX = timedelta(minutes=5)
"""and at the latest so long after the first."""
REVISED = 1
"""The number of the restatement that follows a revision; that of late sales has 0."""
RESTATES_WITHIN = timedelta(hours=1)
"""So long after the first late sale it is restated even if ingest is still behind."""


class Errand(StrEnum):
    """What is to be done. In this order, where several fall due for one target at one instant."""

    CHECKPOINT = "checkpoint"
    RESTATE = "restate"
    SETTLE = "settle"
    SEAL = "seal"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    STALE = "stale"
    """Data should have come by now."""
    TREND = "trend"
    """An open day is over."""
    CHECK_IN = "check_in"
    """A check-in should have been answered by now."""
    RECUR = "recur"
    """A template's: its next target is to be made."""
    START = "start"
    """A draft's: it is to be activated at its start."""


TIMED = (Errand.CHECKPOINT, Errand.DUE_SOON, Errand.OVERDUE, Errand.START)
"""What a timer rings for at its instant; the rest has time until somebody looks."""

GRACED = (Errand.CHECKPOINT, Errand.OVERDUE, Errand.STALE, Errand.TREND, Errand.START)
"""What sales decide at an instant: those that are on their way are given time to get in."""

RECURRING = (Errand.RECUR, Errand.START)
"""What `domain.templates.recurring` does; the rest is `domain.evaluating`'s."""
EVALUATED = tuple(errand for errand in Errand if errand not in RECURRING)

UNHURRIED = (Errand.SETTLE, Errand.DUE_SOON, Errand.CHECK_IN)
"""What no sale decides: it waits for none."""
OF_SALES = tuple(errand for errand in EVALUATED if errand not in UNHURRIED)


@dataclass(frozen=True, order=True)
class Appointment:
    """One errand of a target, and when; `subject` is what it is about: the target itself, or one of its milestones.
    A template's own has its id in place of both.

    number: of the checkpoint; of days before the due date for DUE_SOON; REVISED for the RESTATE that follows a
    revision; else 0. since: for RESTATE, when the first of the late sales came.
    """

    due: datetime
    target: UUID
    subject: UUID
    errand: Errand
    number: int = 0
    since: datetime | None = field(default=None, compare=False)


class Agenda(Protocol):
    """The agenda inside a transaction of the log."""

    def plan(self, appointments: Iterable[Appointment]) -> None:
        """Enter these; one of the same subject, errand and number is moved, a spell never beyond its five minutes."""

    def due(
        self, now: datetime, grace: timedelta, errands: Sequence[Errand], limit: int, target: UUID | None = None
    ) -> list[Appointment]:
        """What has fallen due of these errands, of one target or of any, oldest first; see GRACED."""

    def done(self, appointments: Iterable[Appointment]) -> None:
        """Take these off."""

    def put_off(self, target: UUID, until: datetime) -> None:
        """Nothing of what has fallen due for this target is looked at before then."""

    def drop(self, *, target: UUID | None = None, subject: UUID | None = None, errand: Errand | None = None) -> None:
        """Take off whatever is planned for a target, or for one of its milestones; errand: of this kind alone."""

    def evaluated(self, cutoffs: Iterable[tuple[UUID, datetime]]) -> None:
        """These targets have been evaluated up to these cut-offs: sales before them are late from now on."""

    def evaluated_to(self, targets: Iterable[UUID]) -> dict[UUID, datetime]:
        """The last cut-off that each of these was evaluated at."""

    def last_evaluated(self) -> datetime | None:
        """The last cut-off that any target was evaluated at: later sales are late for nobody."""

    def end(self, target: UUID) -> None:
        """Nothing is to be done about this target any more, and no sale is late for it."""

    def unplanned(self, limit: int) -> list[UUID]:
        """Some of the targets that count and have never been on the agenda."""

    def unwatched(self, after: UUID, limit: int) -> list[UUID]:
        """The next targets by id that are yet to be evaluated and have no look at their pace before them."""

    def late(self, earliest: Sequence[tuple[UUID, datetime]], at: datetime) -> None:
        """These targets have got sales of so early; those with an evaluated cut-off after them are to be restated."""


def checkpoints_of(target_id: UUID, plan: Plan) -> list[Appointment]:
    """Every evaluation of a target, the closing one too."""
    return [Appointment(one.cutoff, target_id, target_id, Errand.CHECKPOINT, one.number) for one in plan.checkpoints]
