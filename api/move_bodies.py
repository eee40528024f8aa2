"""What is sent to clone a target, to hand it over and to put it away; the rules themselves are the domain's."""

from pydantic import Field

from api.definition_bodies import PERSON, Amount, Checkpoints, Day, Strict
from api.target_bodies import ACTIVATE, Activate
from domain.cloning import Clone
from domain.defining import NAME_LENGTH_MAX, TEAM_MAX
from domain.definition import Versus
from domain.hearing import day
from domain.prose import LENGTH_MAX
from domain.starting import AT_START

_reason = f"Why, for whoever looks later: 1 to {LENGTH_MAX:,} characters"


class DaysBody(Strict):
    """A period."""

    start: Day = Field(description="Its first day", examples=["2025-12-01"])
    end: Day = Field(description="Its last day, inclusive", examples=["2025-12-31"])


class CloneBody(Strict):
    """What of the new target is other than of the one that is cloned."""

    start: Day = Field(description="The first day, in the time zone of the old one", examples=["2026-12-01"])
    end: Day = Field(description="The last day, inclusive", examples=["2026-12-31"])
    name: str | None = Field(
        default=None,
        description=f"What people call it: 1 to {NAME_LENGTH_MAX} printable characters. Null: as the old one",
        examples=["December revenue"],
    )
    goal: Amount | None = Field(
        default=None, description="As in a definition. Null: that of the old one", examples=["120000.00"]
    )
    checkpoints: Checkpoints = Field(
        default=None,
        description="As in a definition. Null: by the rule of the old one. Needed where the old one's are a list",
        examples=["FREQ=WEEKLY;BYDAY=FR"],
    )
    comparison: DaysBody | None = Field(
        default=None,
        description="What it is compared with. Null: what lies as far before the new period as the old comparison does"
        " before the old one, so that last year's November becomes last year's December",
        examples=[{"start": "2025-12-01", "end": "2025-12-31"}],
    )
    milestones: bool = Field(
        default=False,
        description="Whether its milestones come along, with their rules, order and tasks; those that are waived don't."
        " A value to be reached stays as it is",
        examples=[True],
    )
    activate: Activate = Field(default=False, description=ACTIVATE, examples=[AT_START])

    def clone(self) -> Clone:
        """What it says, its dates read; or Refused."""
        versus = self.comparison
        return Clone(
            day(self.start, "/start"),
            day(self.end, "/end"),
            self.name,
            self.goal,
            self.checkpoints,
            None
            if versus is None
            else Versus(day(versus.start, "/comparison/start"), day(versus.end, "/comparison/end")),
            self.activate,
            self.milestones,
        )


class HandingOver(Strict):
    """Who has a target from now on, and why."""

    owner: str = Field(description=f"Who is accountable from now on: {PERSON}", examples=["jo@example.com"])
    team: list[str] | None = Field(
        default=None,
        description=f"Who works on it from now on: up to {TEAM_MAX} people, {PERSON}. Null: as before",
        examples=[["ana@example.com"]],
    )
    reason: str = Field(description=_reason, examples=["Ana is on leave until March"])


class Archiving(Strict):
    """Why a target is put away."""

    reason: str | None = Field(default=None, description=_reason, examples=["It is over"])


BODIES = (CloneBody, HandingOver, Archiving)
"""For the documentation."""
