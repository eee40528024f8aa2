"""Subscriptions over HTTP: who hears of what, and where."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Path, Request, Response

from api.auth import caller_of
from api.bodies import answer, read_as
from api.database import Database
from api.documentation import subscription_examples as examples
from api.documenting import (
    LIMIT,
    WRITTEN,
    After,
    IdempotencyKey,
    Limit,
    MinPosition,
    Recipient,
    answers,
    answers_nothing,
    takes,
)
from api.paging import page_of
from api.problems import Problem
from api.routes import Routes
from api.subscription_bodies import EVERY, SubscriptionBody, SubscriptionChange
from api.targets import READERS, bad_cursor, new_id
from api.webhooks import Webhooks
from api.writes import Writes
from domain.alerts.subscribing import TRIED_AT_MOST_EVERY, May, Subscribing
from domain.alerts.subscription import WEBHOOK, Subscription
from domain.delivery.endpoint import SECRET_BYTES, secret_of
from domain.refusal import Refused
from projections.keys import ApiKey
from projections.subscriptions import SUBSCRIPTIONS, Subscribed

SUBSCRIBERS = ("manager", "subscriber", "admin")
SUBSCRIPTION_KEYS = UUID("7f0a3b52-6f43-5d55-9a51-8a3a0e7f0d11")
TRIAL_KEYS = UUID("2b0c6f2e-60d5-5b0e-9c0e-0f6a3a6e9d52")
VIEWS = ("subscriptions",)
ROWS = (
    "SELECT s.id, s.row::text, e.failing_since, e.disabled FROM subscriptions AS s"
    " LEFT JOIN endpoints AS e ON e.subscription = s.id WHERE (s.row->>'ended') IS DISTINCT FROM 'true' AND "
)
ONE = f"{ROWS} s.id = %(one)b"
OF_ALL = f"{ROWS} s.id > %(after)b ORDER BY s.id LIMIT %(limit)b"
OF_RECIPIENT = f"{ROWS} s.row->>'recipient' = %(recipient)b AND s.id > %(after)b ORDER BY s.id LIMIT %(limit)b"

SubscriptionId = Annotated[
    str, Path(description="The subscription's id", examples=["5b0e7c1a-8a3e-4f57-9f5e-2f2a6a1d7b90"])
]


class Subscriptions:
    def __init__(self, writes: Writes, database: Database, webhooks: Webhooks, clock: Callable[[], datetime]) -> None:
        self._writes = writes
        self._database = database
        self._webhooks = webhooks
        self._clock = clock

    def add_to(self, routes: Routes) -> None:
        add, one = routes.add, "/subscriptions/{subscription_id}"
        add(
            "POST /subscriptions",
            self.create,
            "Begin to hear of something",
            roles=SUBSCRIBERS,
            answers=answers(
                examples.CREATED, 404, schema="SubscriptionCreated", status=201, headers=(*WRITTEN, "Location")
            ),
            status=201,
            body=takes(SubscriptionBody, examples.WANTED),
        )
        page = answers(examples.PAGE, schema="SubscriptionPage")
        add("GET /subscriptions", self.show_all, "Who hears of what", roles=READERS, answers=page)
        shown = answers(examples.SUBSCRIPTION, 404, schema="Subscription")
        add(f"GET {one}", self.show, "One subscription", roles=READERS, answers=shown)
        changed = answers(examples.CHANGED, 404, 409, schema="SubscriptionChanged", headers=WRITTEN)
        wish = takes(SubscriptionChange, examples.CHANGE)
        add(f"PATCH {one}", self.change, "Change it", roles=SUBSCRIBERS, answers=changed, body=wish)
        ended = answers_nothing("It has ended", 404)
        add(f"DELETE {one}", self.end, "End it", roles=SUBSCRIBERS, answers=ended, status=204)
        tried = answers(examples.TRIED, 404, schema="Trial", status=202, headers=WRITTEN)
        add(f"POST {one}/test", self.try_out, "Send one message", roles=SUBSCRIBERS, answers=tried, status=202)

    # Reads

    async def show(
        self, request: Request, subscription_id: SubscriptionId, min_position: MinPosition = None
    ) -> Response:
        """Of a webhook only the host is shown: its URL may hold secrets. `disabled`: why nothing is sent any more."""
        await self._database.wait_for(VIEWS, min_position)
        rows = await self._database.rows(ONE, {"one": _parsed(subscription_id)})
        found = [SUBSCRIPTIONS.decoder.decode(row[1]) for row in rows]
        if not found or not _may(caller_of(request))(found[0].recipient):
            raise _unknown()
        return answer(_dumped(_shown(rows[0][0], found[0]) | _endpoint(*rows[0][2:])))

    async def show_all(
        self,
        request: Request,
        recipient: Recipient = None,
        limit: Limit = LIMIT,
        after: After = None,
        min_position: MinPosition = None,
    ) -> Response:
        """By their ids. A subscriber sees its own: those for the name of its key."""
        await self._database.wait_for(VIEWS, min_position)
        caller = caller_of(request)
        sought = recipient if caller.role != "subscriber" else caller.name
        if recipient not in (None, sought):
            raise _not_yours(caller)
        said = {"recipient": sought, "after": _cursor(after), "limit": limit + 1}
        rows = await self._database.rows(OF_ALL if sought is None else OF_RECIPIENT, _used(said, sought))
        shown = [
            _dumped(_shown(one, SUBSCRIPTIONS.decoder.decode(row)) | _endpoint(*rest))
            for one, row, *rest in rows[:limit]
        ]
        return answer(page_of(shown, rows[limit - 1][0] if rows[limit:] else None))

    # Writes

    async def create(self, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        """`kinds`: facts, such as `checkpoint.evaluated` (each verdict, good ones too), or conditions, such as
        `alert.verdict`. `target`: its id, or `*`. It hears of what happens from now on. A webhook's `secret` is
        shown here and never again. A subscriber subscribes itself: `recipient` is the name of its key."""
        caller, at = caller_of(request), self._clock()
        wanted = (await read_as(SubscriptionBody, request)).wanted
        if not _may(caller)(wanted.recipient):
            raise _not_yours(caller)
        if wanted.channel == WEBHOOK and wanted.url is not None:
            await self._webhooks.check(wanted.url)
        new, secret = new_id(caller.id, idempotency_key, SUBSCRIPTION_KEYS), _new_secret()
        created, position, told = await self._writes.do(
            lambda app: Subscribing(app).create(new, wanted, secret, by=caller.name, at=at)
        )
        said = _written(created) | _endpoint(None, None)
        if told is not None:
            said["secret"] = told
        location = {"Location": f"/v1/subscriptions/{new}"}
        return answer(said, position, status=201, headers=location)

    async def change(self, request: Request, subscription_id: SubscriptionId) -> Response:
        """Other `kinds`, another URL in `channel` (the same one again enables a webhook that was disabled), or
        `rotate_secret`: the answer then holds the new `secret`, once, and the one before it signs too."""
        caller, at, one = caller_of(request), self._clock(), _parsed(subscription_id)
        body = await read_as(SubscriptionChange, request)
        url = _url_of(body)
        if url is not None:
            await self._webhooks.check(url)
        secret = _new_secret() if body.rotate_secret else None
        changed, position = await self._writes.do(
            lambda app: Subscribing(app).change(one, body.kinds, url, secret, _may(caller), by=caller.name, at=at)
        )
        return answer(_written(changed) | ({} if secret is None else {"secret": secret}), position)

    async def end(self, request: Request, subscription_id: SubscriptionId) -> Response:
        """Nothing more is sent to it; what still waits is cancelled."""
        caller, at, one = caller_of(request), self._clock(), _parsed(subscription_id)
        position = await self._writes.do(lambda app: Subscribing(app).end(one, _may(caller), by=caller.name, at=at))
        return Response(status_code=204, headers={"Milemarker-Position": str(position)})

    async def try_out(
        self, request: Request, subscription_id: SubscriptionId, idempotency_key: IdempotencyKey = None
    ) -> Response:
        """Queues one message that says that it is a test; GET /v1/notifications/{id} tells what became of it. At most
        one in 10 seconds (429, tried_just_now); the same Idempotency-Key again is answered with the first one."""
        caller, at, one = caller_of(request), self._clock(), _parsed(subscription_id)
        trial = new_id(caller.id, idempotency_key, TRIAL_KEYS)
        try:
            notification, position = await self._writes.do(
                lambda app: Subscribing(app).try_out(trial, one, _may(caller), by=caller.name, at=at)
            )
        except Refused as refused:
            if refused.code != "tried_just_now":
                raise
            wait = {"Retry-After": str(TRIED_AT_MOST_EVERY.seconds)}
            raise Problem(429, refused.code, refused.detail, headers=wait) from None
        return answer({"notification": notification}, position, status=202)


def _may(caller: ApiKey) -> May:
    """Managers act for anyone; a subscriber for itself, by the name of its key."""
    return lambda recipient: caller.role != "subscriber" or recipient == caller.name


def _not_yours(caller: ApiKey) -> Problem:
    return Problem(403, "not_yours", f"a subscriber subscribes itself: the name of this key is {caller.name}")


def _new_secret() -> str:
    return secret_of(secrets.token_bytes(SECRET_BYTES))


def _url_of(change: SubscriptionChange) -> str | None:
    if change.channel is None:
        return None
    if change.channel.kind != WEBHOOK or change.channel.url is None:
        detail = "the channel stays of its kind: a webhook may get another url; else end this and create another"
        raise Refused("channel_fixed", detail, "/channel")
    return change.channel.url


def _written(one: Subscription) -> dict[str, Any]:
    row = Subscribed(one.recipient, one.kinds, one.channel, one.created_on, one.created_by, one.target)
    return _shown(one.id, row)


def _shown(subscription_id: UUID, row: Subscribed) -> dict[str, Any]:
    channel = {"kind": row.channel.kind} | ({} if row.channel.host is None else {"host": row.channel.host})
    return {
        "id": subscription_id,
        "recipient": row.recipient,
        "target": row.target or EVERY,
        "kinds": row.kinds,
        "channel": channel,
        "created_at": row.created_at,
        "created_by": row.created_by,
    }


def _endpoint(failing_since: datetime | None, disabled: str | None) -> dict[str, Any]:
    return {"failing_since": failing_since, "disabled": disabled}


def _dumped(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_UTC_Z)


def _used(said: dict[str, Any], recipient: str | None) -> dict[str, Any]:
    return {name: what for name, what in said.items() if name != "recipient" or recipient is not None}


def _cursor(after: str | None) -> UUID:
    try:
        return UUID(int=0) if after is None else UUID(after)
    except ValueError:
        raise bad_cursor() from None


def _parsed(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _unknown() from None


def _unknown() -> Problem:
    return Problem(404, "unknown_subscription", "there is no subscription with this id, or it has ended")
