"""What people say of a target, beside its figures: their updates, newest first, and what they are asked to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from api.dashboard import wording
from api.database import Database
from api.target_reads import Found
from api.updates import ASKED, LISTED
from domain.plan import Plan
from projections.status import Voice
from projections.updates import CHECK_INS, UPDATES, CheckIn, Update

SHOWN_MAX = 6
NEWEST = 2**63 - 1
INSTANT = timedelta(microseconds=1)
SEEN = {True: "on track", False: "not on track"}
WAITING = ("open", "escalated")


@dataclass(frozen=True)
class UpdateLine:
    """tone: the class of its badge, good or bad; about: the checkpoint whose check-in it answers."""

    by: str
    when: str
    on_track: bool
    seen: str
    confidence: str
    why: str
    improve: str
    about: str


@dataclass(frozen=True)
class Voices:
    """asked: who is asked to say what by when; empty while nobody is."""

    asked: str
    lines: Sequence[UpdateLine]


async def voices_of(database: Database, found: Found) -> Voices:
    posted = await database.rows(LISTED, (str(found.id), NEWEST, SHOWN_MAX))
    asked = await database.rows(ASKED, (str(found.id), None, None, 1))
    updates = [UPDATES.decoder.decode(row[2]) for row in posted]
    return voices_said(found, updates, CHECK_INS.decoder.decode(asked[0][0]) if asked else None)


def voices_said(found: Found, updates: Sequence[Update], last: CheckIn | None) -> Voices:
    """updates: the newest first; last: the latest check-in."""
    plan, year = found.known.plan, found.as_of.year
    asked = "" if last is None or last.state not in WAITING else _asked(plan, last, year)
    return Voices(asked, [_line(plan, one, year) for one in updates])


def _line(plan: Plan, one: Update, year: int) -> UpdateLine:
    return UpdateLine(
        by=one.by,
        when=wording.moment(one.at, plan.time_zone, year),
        on_track=one.on_track,
        seen=SEEN[one.on_track],
        confidence=f"confidence {one.confidence} of 10",
        why=one.why,
        improve=one.improve or "",
        about="" if one.number is None else f"about checkpoint {one.number}",
    )


def _asked(plan: Plan, one: CheckIn, year: int) -> str:
    who = wording.listed(one.of) if one.of else "whoever knows"
    due = wording.moment(one.due - INSTANT, plan.time_zone, year).split(",")[0]
    read = wording.STATUSES.get(one.status, one.status)
    if one.state == "open":
        are = "are" if len(one.of) > 1 else "is"
        return f"Checkpoint {one.number} read {read}: {who} {are} asked to say why, until the end of {due}."
    to = "" if one.escalated_to is None else f" It went on to {one.escalated_to}."
    return f"Checkpoint {one.number} read {read}, and nobody has said why: {who} had until the end of {due}.{to}"


def voice_said(voice: Voice | None, plan: Plan, year: int) -> str:
    """The newest update in a few words, to stand beside what is computed: "ana says: on track, confidence 7 of 10"."""
    if voice is None:
        return ""
    when = wording.moment(voice.at, plan.time_zone, year)
    return f"{voice.by} says: {SEEN[voice.on_track]}, confidence {voice.confidence} of 10 ({when})."
