"""What is sent about updates, field by field; the rules themselves are the domain's."""

from pydantic import Field

from api.definition_bodies import Strict
from domain.prose import LENGTH_MAX
from domain.updates.updates import CONFIDENCE_MAX, Said


class UpdateBody(Strict):
    """How a target stands, as the people see it whose it is."""

    on_track: bool = Field(description="Whether it is on track, as you see it", examples=[False])
    why: str = Field(
        description=f"Why, in 1 to {LENGTH_MAX:,} characters", examples=["Two large orders slipped into December"]
    )
    improve: str | None = Field(
        default=None,
        description=f"What would improve it, in 1 to {LENGTH_MAX:,} characters",
        examples=["A second visit to the ten largest customers"],
    )
    confidence: int = Field(
        description=f"That the target will be reached: a whole number from 0 to {CONFIDENCE_MAX}", examples=[6]
    )

    @property
    def said(self) -> Said:
        return Said(self.on_track, self.why, self.confidence, self.improve)


BODIES = (UpdateBody,)
