"""Which target is a member of which, from when to when."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.facts import MEMBERSHIP_TOPICS
from domain.rollup.membership import Membership, Window
from projections.view import View


@dataclass(frozen=True)
class Belonging:
    """target: the parent; since, until: local days of the member, both inclusive, None for as long as it lasts."""

    target: UUID
    member: UUID
    since: date | None = None
    until: date | None = None
    ended: bool = False
    """Whether it is as if it had never been."""
    place: int = 0
    """The position at which it joined, by which they stand in order."""

    @property
    def window(self) -> Window:
        return Window(self.since, self.until)


def evolve(row: Belonging | None, fact: object) -> Belonging | None:
    match row, fact:
        case None, Membership.MemberJoined(target=target, member=member, since=since, until=until):
            return Belonging(target, member, since, until)
        case Belonging(), Membership.MemberLeft(until=None):
            return replace(row, ended=True)
        case Belonging(), Membership.MemberLeft(until=until):
            return replace(row, until=until)
    return row


MEMBERSHIPS = View(
    "belongings",
    Belonging,
    evolve,
    MEMBERSHIP_TOPICS,
    indexes=["(row->>'target'), id", "(row->>'member'), id"],
    placed=lambda row, position: replace(row, place=position),
)
