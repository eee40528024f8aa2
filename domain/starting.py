"""When a target that is defined is started: at once, at its start, or when somebody says so."""

from domain.agenda import Agenda, Appointment, Errand
from domain.refusal import Refused
from domain.target import State, Target

AT_START = "at_start"
Start = bool | str
"""True: at once; "at_start": at the first instant of its period; False: it stays a draft."""


def start_of(said: object) -> Start:
    """Of `activate`, as it is said, or Refused."""
    if isinstance(said, bool) or said == AT_START:
        return said
    raise Refused("bad_activate", f'activate is true, false or "{AT_START}"', "/activate")


def start_at_its_start(agenda: Agenda, target: Target) -> None:
    """Plan the activation of a draft at the first instant of its period; of another there is nothing to plan."""
    if target.state is State.DRAFT:
        agenda.plan([Appointment(target.plan.begins, target.id, target.id, Errand.START)])
