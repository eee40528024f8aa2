"""The stream of facts as the relay writes it: batches that land whole, on the last message that the relay knows.

Every batch says after which message of the stream it comes. One that is late - its answer was lost, its connection
broke, or another relay went on meanwhile - finds another message there, and the server refuses it: so nothing stands
twice in the stream, and nothing in another order, whatever was sent.
"""

from base64 import b64decode
from collections.abc import Callable, Sequence
from email.parser import BytesHeaderParser
from typing import Any, NamedTuple

import orjson
from nats.aio.client import Client
from nats.js.errors import APIError, NotFoundError

from workers.cloud_events import ID_HEADER, SOURCE, SOURCE_HEADER, TIME_HEADER, CloudEvent
from workers.subjects import EVENTS_STREAM

ANSWER_WITHIN_S = 5.0
LOOK_BACK_MAX = 1_000
"""Messages at the stream's end that are not ours, or were deleted: so many are passed over."""
ID_IS_KNOWN = 10201
_API = "$JS.API.STREAM"


class Seen(NamedTuple):
    """What a stream says of itself."""

    stream: str
    """When it was made."""
    sequence: int
    """Of its last message."""
    position: int | None
    """Of the last fact in it; None when it holds none."""
    recorded_at: str | None


class EventStream:
    def __init__(self, client: Client, new_batch_id: Callable[[], str]) -> None:
        self._client = client
        self._new_batch_id = new_batch_id

    async def look(self) -> Seen:
        """Raises one of NATS_AWAY, NotFoundError among them when there is no such stream."""
        info = await self._info()
        state = info["state"]
        first, last = state["first_seq"], state["last_seq"]
        for sequence in range(last, max(first - 1, last - LOOK_BACK_MAX, 0), -1):
            fact = await self._fact_at(sequence)
            if fact is not None:
                return Seen(info["created"], last, *fact)
        return Seen(info["created"], last, None, None)

    async def is_at(self, stream: str, sequence: int) -> bool:
        """Whether it is this stream still, and nothing came to it since."""
        info = await self._info()
        return (info["created"], info["state"]["last_seq"]) == (stream, sequence)

    async def _info(self) -> dict[str, Any]:
        return await self._ask(f"{_API}.INFO.{EVENTS_STREAM}", {})

    async def _fact_at(self, sequence: int) -> tuple[int, str] | None:
        try:
            found = await self._ask(f"{_API}.MSG.GET.{EVENTS_STREAM}", {"seq": sequence})
        except NotFoundError:
            return None
        _, _, lines = b64decode(found["message"].get("hdrs", "")).partition(b"\r\n")
        headers = BytesHeaderParser().parsebytes(lines)
        position = headers.get(ID_HEADER, "")
        ours = headers.get(SOURCE_HEADER) == SOURCE and position.isascii() and position.isdigit()
        return (int(position), headers.get(TIME_HEADER, "")) if ours else None

    async def publish(self, events: Sequence[CloudEvent], after: int) -> int:
        """All of them, behind the message of this sequence; the sequence of the last.

        Raises one of NATS_AWAY when that can't be said: some or all may be there now, or may come yet. Look again.
        """
        assert events
        self._connected()
        batch, last = self._new_batch_id(), len(events)
        for number, event in enumerate(events, 1):
            headers = dict(event.headers)
            headers["Nats-Batch-Id"] = batch
            headers["Nats-Batch-Sequence"] = str(number)
            if number == 1:
                headers["Nats-Expected-Last-Sequence"] = str(after)
            if number < last:
                await self._client.publish(event.subject, event.body, headers=headers)
        answer = await self._answer(event.subject, event.body, headers | {"Nats-Batch-Commit": "1"})
        if answer.get("error", {}).get("err_code") == ID_IS_KNOWN:
            return await self._publish_one_by_one(events, after)
        return int(_good(answer)["seq"])

    async def _publish_one_by_one(self, events: Sequence[CloudEvent], after: int) -> int:
        """The server knows some of these ids: it drops those, and takes the others if the stream ends as expected."""
        for event in events:
            headers = {**event.headers, "Nats-Expected-Last-Sequence": str(after)}
            answer = _good(await self._answer(event.subject, event.body, headers))
            if not answer.get("duplicate"):
                after = answer["seq"]
        return after

    async def _ask(self, subject: str, question: dict[str, Any]) -> dict[str, Any]:
        return _good(await self._answer(subject, orjson.dumps(question), None))

    async def _answer(self, subject: str, body: bytes, headers: dict[str, str] | None) -> dict[str, Any]:
        self._connected()
        answer = await self._client.request(subject, body, timeout=ANSWER_WITHIN_S, headers=headers)
        found: dict[str, Any] = orjson.loads(answer.data)
        return found

    def _connected(self) -> None:
        # What is published while there is no connection would be kept and sent later, when it is known to be late.
        if not self._client.is_connected:
            raise ConnectionError("there is no connection to NATS")


def _good(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        APIError.from_error(answer["error"])
    return answer
