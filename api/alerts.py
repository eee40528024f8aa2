"""Alerts over HTTP: what fires, what was told, and why: each fact with the one that it rests on."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
import orjson
from fastapi import Path, Query, Request, Response

from api.auth import caller_of
from api.bodies import answer
from api.database import Database
from api.documentation import subscription_examples as examples
from api.documentation.alert_answers import ALERT_KINDS
from api.documenting import BIGINT_MAX, LIMIT, AfterPosition, Limit, MinPosition, OfTarget, answers
from api.notifications import attempts_of
from api.paging import page_of
from api.problems import Problem
from api.routes import Routes
from api.targets import READERS, parsed_id
from domain.alerts.alert import WORSENING, State
from domain.delivery.notification import notification_id
from projections.alerts import ALERTS, POSITION, AlertRow
from projections.facts import StoredFact, ToldFact, tell
from projections.keys import ApiKey
from projections.notifications import NOTIFICATIONS, Telling
from projections.subscriptions import SUBSCRIPTIONS

VIEWS = ("alerts",)
WHY_VIEWS = ("alerts", "subscriptions", "notifications")
NOTIFICATIONS_MAX = 2_000
"""In one answer: about so many messages may come of one fact."""
FACT = "notification_id, topic, originator_id, originator_version, state FROM milemarker_events"
FACTS = f"SELECT {FACT} WHERE originator_id = %b AND originator_version > %b ORDER BY originator_version LIMIT %b"
FACTS_AT = f"SELECT {FACT} WHERE notification_id = ANY(%b::bigint[])"
STREAMS = f"SELECT {FACT} WHERE originator_id = ANY(%b::uuid[]) ORDER BY originator_id, originator_version"

FILTERS = {name: f"row->>'{name}' = %({name})b" for name in ("target", "state", "kind", "severity")}
LISTED = f"SELECT id, row::text FROM alerts WHERE {{}} AND {POSITION} > %(after)b ORDER BY {POSITION} LIMIT %(limit)b"

WORD = r"^[a-z_.]+$"
OfKind = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=64,
        pattern=WORD,
        description=f"Of this kind alone: {', '.join(ALERT_KINDS)}; with `alert.` before it or not",
        examples=["verdict"],
    ),
]
OfSeverity = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=64,
        pattern=WORD,
        description=f"Of this severity alone: {', '.join(WORSENING)}",
        examples=["off_track"],
    ),
]
InState = Annotated[State | None, Query(description="In this state alone", examples=["firing"])]
AfterVersion = Annotated[
    int,
    Query(
        ge=0,
        le=BIGINT_MAX,
        description="The `next` of the page before: the version of a fact of this alert",
        examples=[3],
    ),
]
AlertId = Annotated[str, Path(description="The alert's id", examples=["7d0f1c22-9b1e-5d3f-8a80-3c9a4f2b6e01"])]


class Alerts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add_to(self, routes: Routes) -> None:
        add = routes.add
        add(
            "GET /alerts",
            self.show_all,
            "What fires, and what was told",
            roles=READERS,
            answers=answers(examples.ALERTS, schema="AlertPage"),
        )
        add(
            "GET /alerts/{alert_id}",
            self.show,
            "One alert",
            roles=READERS,
            answers=answers(examples.ALERT, 404, schema="Alert"),
        )
        add(
            "GET /alerts/{alert_id}/why",
            self.why,
            "Why it came: its facts, what each rests on, and who was told",
            roles=READERS,
            answers=answers(examples.WHY, 404, schema="Why"),
        )

    async def show_all(
        self,
        target: OfTarget = None,
        kind: OfKind = None,
        state: InState = None,
        severity: OfSeverity = None,
        limit: Limit = LIMIT,
        after: AfterPosition = 0,
        min_position: MinPosition = None,
    ) -> Response:
        """In the order in which they came up. `state` is `firing` or `resolved` for a condition (`verdict`,
        `milestone_due`, `endpoint_failing`) and `none` for what is only told. `withheld`: why some were not told."""
        await self._database.wait_for(VIEWS, min_position)
        sought = {
            "target": None if target is None else str(parsed_id(target)),
            "state": None if state is None else state.value,
            "kind": kind and kind.removeprefix("alert."),
            "severity": severity,
        }
        given = {name: what for name, what in sought.items() if what is not None}
        statement = LISTED.format(" AND ".join((*(FILTERS[name] for name in given), "true")))
        rows = await self._database.rows(statement, given | {"after": after, "limit": limit + 1})
        found = [(one, ALERTS.decoder.decode(row)) for one, row in rows]
        shown = [_dumped(_shown(*one)) for one in found[:limit]]
        return answer(page_of(shown, found[limit - 1][1].position if found[limit:] else None))

    async def show(self, alert_id: AlertId, min_position: MinPosition = None) -> Response:
        """How it stands now; `why` beside it tells the whole chain."""
        await self._database.wait_for(VIEWS, min_position)
        one = _parsed(alert_id)
        return answer(_dumped(_shown(one, await self._row(one))))

    async def why(
        self,
        request: Request,
        alert_id: AlertId,
        limit: Limit = LIMIT,
        after: AfterVersion = 0,
        min_position: MinPosition = None,
    ) -> Response:
        """Every fact of the alert in order; with each the fact that it rests on, and the notifications that came of
        it with their attempts. A subscriber sees its own notifications. `after`: the version of a fact."""
        await self._database.wait_for(WHY_VIEWS, min_position)
        one = _parsed(alert_id)
        row = await self._row(one)
        facts = [tell(StoredFact(*fact)) for fact in await self._database.rows(FACTS, (one, after, limit + 1))]
        page = facts[:limit]
        causes = await self._causes(page)
        told = await self._told(one, page, caller_of(request))
        items = [_item(fact, causes, told) for fact in page]
        listed = page_of(items, page[-1].version if facts[limit:] else None)
        return answer(b'{"alert":' + _dumped(_shown(one, row)) + b"," + listed[1:])

    async def _row(self, alert_id: UUID) -> AlertRow:
        rows = await self._database.rows("SELECT row::text FROM alerts WHERE id = %b", (alert_id,))
        if not rows:
            raise _unknown()
        return ALERTS.decoder.decode(rows[0][0])

    async def _causes(self, facts: Iterable[ToldFact]) -> dict[int, ToldFact]:
        """What the facts rest on, by position."""
        positions = [position for fact in facts if (position := _rests_on(fact)) is not None]
        rows = await self._database.rows(FACTS_AT, (positions,))
        return {row[0]: tell(StoredFact(*row)) for row in rows}

    async def _told(self, alert_id: UUID, facts: Iterable[ToldFact], caller: ApiKey) -> dict[int, list[dict[str, Any]]]:
        """The notifications that came of each fact, by its position."""
        tellings = [(fact.position, said) for fact in facts if (said := _telling(fact)) is not None]
        subscriptions = {one for _, said in tellings for one in said.told}
        rows = await self._database.rows(
            "SELECT id, row::text FROM subscriptions WHERE id = ANY(%b::uuid[])", (list(subscriptions),)
        )
        recipients = {one: SUBSCRIPTIONS.decoder.decode(row).recipient for one, row in rows}
        if caller.role == "subscriber":
            recipients = {one: name for one, name in recipients.items() if name == caller.name}
        came_of: dict[UUID, int] = {}
        for position, said in tellings:
            for one in said.told:
                if one in recipients and len(came_of) < NOTIFICATIONS_MAX:
                    numbers = said.episode, said.transition, said.n
                    came_of[notification_id(alert_id, *numbers, recipients[one], one)] = position
        return await self._notifications(came_of)

    async def _notifications(self, came_of: Mapping[UUID, int]) -> dict[int, list[dict[str, Any]]]:
        rows = await self._database.rows(
            "SELECT id, row::text FROM notifications WHERE id = ANY(%b::uuid[])", (list(came_of),)
        )
        streams: dict[UUID, list[ToldFact]] = {}
        for fact in await self._database.rows(STREAMS, (list(came_of),)):
            streams.setdefault(fact[2], []).append(tell(StoredFact(*fact)))
        found: dict[int, list[dict[str, Any]]] = {}
        for one, row in rows:
            shown = _notification(one, NOTIFICATIONS.decoder.decode(row), streams[one])
            found.setdefault(came_of[one], []).append(shown)
        return found


class _Telling(msgspec.Struct):
    transition: str
    episode: int
    n: int
    told: list[UUID]


def _telling(fact: ToldFact) -> _Telling | None:
    return msgspec.convert(_plain(fact), _Telling) if fact.type == "alert.told" else None


def _plain(fact: ToldFact) -> dict[str, Any]:
    return {name: msgspec.json.decode(what) for name, what in fact.data.items()}


def _rests_on(fact: ToldFact) -> int | None:
    said = fact.data.get("rests_on")
    return None if said is None else msgspec.json.decode(said, type=int)


def _item(fact: ToldFact, causes: Mapping[int, ToldFact], told: Mapping[int, list[dict[str, Any]]]) -> bytes:
    rests_on = _rests_on(fact)
    cause = None if rests_on is None else causes.get(rests_on)
    notifications = _dumped(told.get(fact.position, []))
    cause_body = b"null" if cause is None else cause.body
    return b'{"fact":%b,"rests_on":%b,"notifications":%b}' % (fact.body, cause_body, notifications)


def _notification(notification: UUID, row: Telling, facts: list[ToldFact]) -> dict[str, Any]:
    return {
        "id": notification,
        "recipient": row.recipient,
        "subscription": row.subscription,
        "channel": row.channel,
        "state": row.state,
        "reason": row.reason,
        "answer": row.answer,
        "queued_at": row.queued_at,
        "attempts": attempts_of(facts),
    }


def _shown(alert_id: UUID, row: AlertRow) -> dict[str, Any]:
    return {
        "id": alert_id,
        "kind": row.kind,
        "target": row.target,
        "scope": row.scope,
        "state": row.state,
        "episode": row.episode,
        "severity": row.severity,
        "since": row.since,
        "opened_at": row.opened_at,
        "reason": row.reason,
        "told": row.told,
        "told_at": row.told_at,
        "withheld": row.withheld,
        "position": row.position,
    }


def _dumped(said: object) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_UTC_Z)


def _parsed(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unknown() from None


def _unknown() -> Problem:
    return Problem(404, "unknown_alert", "there is no alert with this id")
