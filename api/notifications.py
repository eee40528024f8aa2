"""Notifications over HTTP: who was told what, how far each got, and everyone's inbox."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import orjson
from fastapi import Path, Query, Request, Response

from api.auth import caller_of
from api.bodies import answer
from api.database import Database, Row
from api.documentation.notification_examples import INBOX_PAGE, ONE, PAGE
from api.documenting import (
    BIGINT_MAX,
    LIMIT,
    NAMED,
    AfterPosition,
    Limit,
    MinPosition,
    OfTarget,
    Recipient,
    answers,
)
from api.paging import page_of
from api.problems import Problem
from api.routes import Routes
from api.targets import READERS, parsed_id
from domain.delivery.notification import INBOX, OPEN, State
from projections.facts import StoredFact, ToldFact, tell
from projections.keys import ApiKey
from projections.notifications import NOTIFICATIONS, POSITION, Telling

VIEWS = ("notifications",)
FACTS_MAX = 1_000
"""Of one notification that are looked at: some twenty attempts come to fifty."""

OUTCOMES = {
    "notification.delivered": "delivered",
    "notification.waiting": "failed",
    "notification.dead": "failed",
}
SAID = ("attempt", "answer", "reason", "next_at")
"""By a fact, of its attempt."""

FILTERS = {name: f"row->>'{name}' = %({name})b" for name in ("recipient", "target", "state", "kind")}
LISTED = (
    f"SELECT id, row::text FROM notifications WHERE {{}} AND {POSITION} > %(after)b ORDER BY {POSITION} LIMIT %(limit)b"
)
IN_INBOX = (
    "SELECT n.id, n.row::text, e.notification_id, e.topic, e.originator_id, e.originator_version, e.state FROM ("
    f"SELECT id, row, {POSITION} AS place FROM notifications WHERE row->>'recipient' = %(recipient)b"
    f" AND row->>'channel' = '{INBOX}' AND row->>'state' = '{State.DELIVERED}' AND {POSITION} < %(before)b"
    f" ORDER BY {POSITION} DESC LIMIT %(limit)b) AS n"
    " JOIN milemarker_events AS e ON e.originator_id = n.id AND e.originator_version = 1 ORDER BY n.place DESC"
)
STREAM = (
    "SELECT notification_id, topic, originator_id, originator_version, state FROM milemarker_events"
    " WHERE originator_id = %b ORDER BY originator_version LIMIT %b"
)

Kind = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        pattern=NAMED,
        description="What was asked for: a kind of subscriptions, `alert.endpoint_failing` or `test`",
        examples=["alert.verdict"],
    ),
]
InState = Annotated[
    Literal["queued", "sending", "waiting", "delivered", "dead", "cancelled"] | None,
    Query(description="In this state alone", examples=["dead"]),
]
BeforePosition = Annotated[
    int,
    Query(
        ge=0,
        le=BIGINT_MAX,
        description="The `next` of the page before: messages older than this position; left out for the newest",
        examples=[1240],
    ),
]
NotificationId = Annotated[
    str, Path(description="The notification's id", examples=["c9a1f6de-4c35-5b8c-93f4-0c1f2f0f6a11"])
]


class Notifications:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add_to(self, routes: Routes) -> None:
        add = routes.add
        add(
            "GET /notifications",
            self.show_all,
            "Who was told what",
            roles=READERS,
            answers=answers(PAGE, 404, schema="NotificationPage"),
        )
        add(
            "GET /notifications/{notification_id}",
            self.show,
            "One notification: what it says, and each attempt to deliver it",
            roles=READERS,
            answers=answers(ONE, 404, schema="NotificationWhole"),
        )
        add(
            "GET /inbox",
            self.inbox,
            "What came in, newest first",
            roles=READERS,
            answers=answers(INBOX_PAGE, schema="Inbox"),
        )

    async def show_all(
        self,
        request: Request,
        recipient: Recipient = None,
        target: OfTarget = None,
        state: InState = None,
        kind: Kind = None,
        limit: Limit = LIMIT,
        after: AfterPosition = 0,
        min_position: MinPosition = None,
    ) -> Response:
        """In the order in which they were queued. A subscriber sees its own: those for the name of its key."""
        await self._database.wait_for(VIEWS, min_position)
        sought = {
            "recipient": _may_see(caller_of(request), recipient),
            "target": None if target is None else str(parsed_id(target)),
            "state": state,
            "kind": kind,
        }
        given = {name: what for name, what in sought.items() if what is not None}
        statement = LISTED.format(" AND ".join((*(FILTERS[name] for name in given), "true")))
        rows = await self._database.rows(statement, given | {"after": after, "limit": limit + 1})
        found = [(one, NOTIFICATIONS.decoder.decode(row)) for one, row in rows]
        shown = [_dumped(_shown(*one)) for one in found[:limit]]
        return answer(page_of(shown, found[limit - 1][1].position if found[limit:] else None))

    async def inbox(
        self,
        request: Request,
        recipient: Recipient = None,
        limit: Limit = LIMIT,
        after: BeforePosition = BIGINT_MAX,
        min_position: MinPosition = None,
    ) -> Response:
        """Your own: what came for the name of your key. Managers, auditors and administrators may ask for another's."""
        await self._database.wait_for(VIEWS, min_position)
        caller = caller_of(request)
        sought = {"recipient": _may_see(caller, recipient) or caller.name, "before": after, "limit": limit + 1}
        rows = await self._database.rows(IN_INBOX, sought)
        shown = [_with_message(row[0], row[1], tell(StoredFact(*row[2:]))) for row in rows[:limit]]
        return answer(page_of(shown, _position(rows[limit - 1]) if rows[limit:] else None))

    async def show(
        self, request: Request, notification_id: NotificationId, min_position: MinPosition = None
    ) -> Response:
        """`attempts`: each try, when it began and what came of it; an inbox needs none."""
        await self._database.wait_for(VIEWS, min_position)
        one = _parsed(notification_id)
        rows = await self._database.rows("SELECT id, row::text FROM notifications WHERE id = %b", (one,))
        if not rows or not _is_for(caller_of(request), NOTIFICATIONS.decoder.decode(rows[0][1])):
            raise _unknown()
        facts = [tell(StoredFact(*row)) for row in await self._database.rows(STREAM, (one, FACTS_MAX))]
        shown = _with_message(rows[0][0], rows[0][1], facts[0])
        return answer(shown[:-1] + b',"attempts":' + msgspec.json.encode(attempts_of(facts)) + b"}")


def attempts_of(facts: Sequence[ToldFact]) -> list[dict[str, Any]]:
    """What came of each attempt, by a notification's facts in their order; null while nobody knows."""
    attempts: dict[int, dict[str, Any]] = {}
    latest = 0
    for fact in facts:
        said = {name: msgspec.json.decode(what) for name, what in fact.data.items() if name in SAID}
        number = said.pop("attempt", latest)
        if fact.type == "notification.sending":
            latest = number
            unknown = dict.fromkeys(("ended_at", "outcome", "answer", "reason", "next_at"))
            attempts[number] = {"attempt": number, "began_at": fact.recorded_at} | unknown
        elif fact.type in OUTCOMES and number in attempts:
            _end(attempts[number], OUTCOMES[fact.type], fact.recorded_at, said)
    return list(attempts.values())


def _end(attempt: dict[str, Any], outcome: str, at: str, said: dict[str, Any]) -> None:
    # Of an attempt that was given up it may be known later that it got there.
    if attempt["outcome"] is None or outcome == "delivered":
        attempt.update({"ended_at": at, "outcome": outcome, "reason": None} | said)


def _shown(notification_id: UUID, row: Telling) -> dict[str, Any]:
    return {
        "id": notification_id,
        "position": row.position,
        "state": row.state,
        "kind": row.kind,
        "target": row.target,
        "recipient": row.recipient,
        "channel": row.channel,
        "subscription": row.subscription,
        "alert": row.alert,
        "episode": row.episode,
        "transition": row.transition,
        "n": row.n,
        "about": row.about,
        "queued_at": row.queued_at,
        "since": row.since,
        "next_at": row.due if row.state in OPEN else None,
        "expires_at": row.expires_at,
        "attempts_made": row.attempts,
        "reason": row.reason,
        "answer": row.answer,
    }


def _dumped(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_UTC_Z)


def _with_message(notification_id: UUID, row: str, queued: ToldFact) -> bytes:
    """With what it says, as it was queued."""
    shown = _dumped(_shown(notification_id, NOTIFICATIONS.decoder.decode(row)))
    return shown[:-1] + b',"message":' + bytes(queued.data["message"]) + b"}"


def _position(row: Row) -> int:
    return NOTIFICATIONS.decoder.decode(row[1]).position


def _may_see(caller: ApiKey, recipient: str | None) -> str | None:
    """Whose notifications the caller may see of these: None for everyone's. A Problem (403) for another's."""
    if caller.role != "subscriber":
        return recipient
    if recipient not in (None, caller.name):
        raise Problem(403, "not_yours", f"a subscriber sees its own: the name of this key is {caller.name}")
    return caller.name


def _is_for(caller: ApiKey, row: Telling) -> bool:
    return caller.role != "subscriber" or caller.name == row.recipient


def _parsed(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unknown() from None


def _unknown() -> Problem:
    return Problem(404, "unknown_notification", "there is no notification with this id")
