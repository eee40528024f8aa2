"""What is sent about revisions and proposals, field by field; the rules themselves are the domain's."""

from typing import Any

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from api.definition_bodies import Day, DefinitionFields, Strict
from domain.defining import NAME_LENGTH_MAX
from domain.hearing import instant
from domain.proposals.proposal import Asked
from domain.prose import LENGTH_MAX
from domain.revision import MODES, PROSPECTIVE

MODE = """How it goes on:

- `prospective`: from what the plan expects at the effective moment, to what it is to come to now;
- `retroactive`: as if it had been so from the beginning; evaluated checkpoints are shown as restated;
- `replan`: from what has been reached at the effective moment."""


class Changes(DefinitionFields):
    """What becomes of a target: the fields as in a definition, those alone that change. Null: its default."""

    name: str = Field(
        default="",
        description=f"What people call it: 1 to {NAME_LENGTH_MAX} printable characters",
        examples=["November revenue"],
    )
    start: Day = Field(default="", description="The first day, in the time zone", examples=["2026-11-01"])
    end: Day = Field(
        default="",
        description="The last day, inclusive; not before the last evaluated checkpoint",
        examples=["2026-12-06"],
    )
    rate_table: str | None = Field(
        default=None,
        description="Of a roll-up over several currencies: the table that converts from now on. It is counted anew",
        examples=[None],
    )
    # Known, so that whoever sends them is told by the rules why they are never revised.
    metric: SkipJsonSchema[Any] = None
    unit: SkipJsonSchema[Any] = None
    kind: SkipJsonSchema[Any] = None
    time_zone: SkipJsonSchema[Any] = None
    owner: SkipJsonSchema[Any] = None
    team: SkipJsonSchema[Any] = None
    parent: SkipJsonSchema[Any] = None
    roll_up: SkipJsonSchema[Any] = None


class Revising(Strict):
    """A revision: what changes, why, and from when on."""

    changes: Changes = Field(
        description="Fields as in a definition, those alone that change. Null: its default", examples=[{"goal": "1.00"}]
    )
    reason: str = Field(
        description=f"Why, for whoever looks later: 1 to {LENGTH_MAX:,} characters", examples=["A second shop opened"]
    )
    mode: str = Field(
        default=PROSPECTIVE, description=MODE, examples=[PROSPECTIVE], json_schema_extra={"enum": list(MODES)}
    )
    effective_at: str | None = Field(
        default=None,
        description="From when on, with an offset: within the period, not before the last evaluated cut-off, and for"
        " `replan` not to come. Default: now",
        examples=["2026-11-15T09:00:00-05:00"],
        json_schema_extra={"format": "date-time"},
    )
    freeze_anew: bool = Field(
        default=False,
        description="Whether what it is compared with is read again, as the ledger has it now",
        examples=[False],
    )

    @property
    def asked(self) -> Asked:
        """As it is kept; or Refused."""
        return Asked(
            self.changes.model_dump(exclude_unset=True),
            self.reason,
            self.mode,
            None if self.effective_at is None else instant(self.effective_at, "/effective_at"),
            self.freeze_anew,
        )


class Declining(Strict):
    """Why a proposal is declined."""

    reason: str = Field(
        description=f"Why, for whoever proposed it: 1 to {LENGTH_MAX:,} characters",
        examples=["Wait for the figures of November"],
    )


BODIES = (Revising, Declining)
"""For the documentation."""
