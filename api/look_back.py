"""Looking back over HTTP: a target as it stood, by what was known at one time, of what had happened by another."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query

from api.known_forecasts import projection_shown
from api.plans import KnownPlan
from api.problems import Problem
from api.target_reads import Counted, Found
from domain.forecasting import forecast_of
from domain.refusal import Refused
from projections.checkpoints import Evaluation
from projections.history import History, Moment
from projections.known_times import position_known_at, recorded_at
from projections.store import Store

POSITION_DIGITS_MAX = 18
TIME = "a time is RFC 3339 text with an offset, such as 2026-11-06T17:00:00-05:00 (in an address + is written %2B)"

AsOf = Annotated[
    str | None,
    Query(
        description="Look back: only what had happened by this time, RFC 3339 with an offset; late sales, voids and"
        " corrections count at the time of their sale. The goal and what is expected are those in force then",
        examples=["2026-11-06T17:00:00-05:00"],
    ),
]
KnownAt = Annotated[
    str | None,
    Query(
        description="Look back: only what was recorded by this time, RFC 3339 with an offset, or up to this position in"
        " the log. With `as_of` too: what was known then of what had happened by then",
        examples=["2026-11-07T09:00:00-05:00", "1234"],
    ),
]


@dataclass(frozen=True)
class LookedBack:
    """A target as it stood. known_at: the time by which all was recorded that is in it."""

    found: Found
    evaluations: dict[int, Evaluation]
    known_at: datetime

    @property
    def shown(self) -> bytes:
        """The target's JSON with its whole forecast, made then."""
        found = self.found
        made = forecast_of(found.id, found.known.course, found.seen, found.as_of)
        shown = found.shown_with(orjson.dumps(projection_shown(made, found.known.plan)))
        return b'%b,"known_at":%b}' % (shown[:-1], orjson.dumps(self.known_at, option=orjson.OPT_UTC_Z))


class LooksBack:
    """Reads the log itself, in threads of its own: it may be a long way back."""

    def __init__(self, store: Store, executor: Executor, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._executor = executor
        self._clock = clock

    async def target(self, target_id: UUID, as_of: str | None, known_at: str | None) -> tuple[LookedBack, bytes]:
        """With the target's JSON. Refused or a Problem, naming the parameter, for what can't be looked back at."""

        def look() -> tuple[LookedBack, bytes]:
            looked = self._look(target_id, as_of, known_at)
            return looked, looked.shown

        return await asyncio.get_running_loop().run_in_executor(self._executor, look)

    async def checkpoints(self, target_id: UUID, as_of: str | None, known_at: str | None) -> LookedBack:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._look, target_id, as_of, known_at)

    def _look(self, target_id: UUID, as_of: str | None, known_at: str | None) -> LookedBack:
        now = self._clock()
        position, known_by = self._known(known_at, now)
        by = min(now, known_by) if as_of is None else _past(as_of, "as_of", now)
        try:
            stood = History(self._store, target_id, Moment(position, by, cut=as_of is not None)).stood()
        except Refused as refused:
            if refused.code != "not_yet_defined":
                raise
            raise _bad("known_at", "not_yet_defined", refused.detail) from None
        known = KnownPlan(target_id, stood.plans)
        found = Found(known, stood.status, position, stood.as_of, Counted(stood.counted_at, stood.sums))
        return LookedBack(found, {one.number: one for one in stood.evaluations}, known_by)

    def _known(self, known_at: str | None, now: datetime) -> tuple[int, datetime]:
        """The position up to which all is known, and the time of that."""
        top = self._store.app.recorder.max_notification_id() or 0
        if known_at is None:
            return top, now
        if not (known_at.isascii() and known_at.isdecimal()):
            time = _past(known_at, "known_at", now)
            return position_known_at(self._store, time), time
        if len(known_at) > POSITION_DIGITS_MAX or int(known_at) > top:
            raise _bad("known_at", "still_to_come", f"{known_at[:40]} is beyond the log, whose last position is {top}")
        return int(known_at), recorded_at(self._store, int(known_at)) or now


def _past(text: str, parameter: str, now: datetime) -> datetime:
    at = _time(text)
    if at is None:
        raise _bad(parameter, "bad_time", f"{TIME}, not {text[:40]!r}")
    if at > now:
        raise _bad(parameter, "still_to_come", f"{text[:40]} is still to come: it is {now.isoformat()} now")
    return at


def _time(text: str) -> datetime | None:
    """In UTC; None of what is no time with an offset."""
    try:
        at = datetime.fromisoformat(text.upper())
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _bad(parameter: str, code: str, detail: str) -> Problem:
    told = {"parameter": parameter, "code": code, "detail": detail}
    return Problem(422, code, f"{parameter}: {detail}", errors=[told])
