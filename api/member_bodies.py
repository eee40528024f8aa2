"""What is sent about members, field by field."""

from pydantic import Field

from api.definition_bodies import Day, Strict
from domain.hearing import day
from domain.rollup.membership import Window


class Joining(Strict):
    """A target that is to belong to another one, for all of its period or for some days of it."""

    target: str = Field(description="The member's id", examples=["5d2c0f0a-3c0e-4d53-8a9e-6c5b1c0d9a12"])
    since: Day | None = Field(
        default=None,
        description="Its first day as a member, in its own time zone; left out: its own first day",
        examples=["2026-11-01"],
    )
    until: Day | None = Field(
        default=None,
        description="Its last day as a member, inclusive; left out: its own last day",
        examples=["2026-11-15"],
    )

    def window(self) -> Window:
        since, until = (
            None if text is None else day(text, field)
            for text, field in ((self.since, "/since"), (self.until, "/until"))
        )
        return Window(since, until)


BODIES = (Joining,)
"""For the documentation."""
