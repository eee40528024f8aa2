"""A message of sales on its way into the ledger, and how its sender learns what became of it."""

import asyncio
from typing import Protocol

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from domain.intake import Arrival, Outcome, Rejection
from workers.reading import read_sales
from workers.subjects import SALES_STREAM, source_of

GIVE_BACK_S = 30.0
ANSWER_BYTES_MAX = 900 * 1024
"""NATS carries 1 MiB; an answer that would be longer says the codes alone."""
DETAIL_LENGTH_MAX = 200


class Delivery(Protocol):
    arrival: Arrival

    async def accept(self, outcome: Outcome, position: int) -> None:
        """Its sales are committed up to this position."""

    async def give_back(self) -> None:
        """Nothing of it can be committed now."""


class StreamDelivery:
    """A message of the stream: acknowledged when all is done, and until then it comes again."""

    def __init__(self, client: Client, message: Msg) -> None:
        self._client = client
        self._message = message
        self.arrival = Arrival(
            read_sales(message.data),
            frozenset({source_of(message.subject)}),
            message.subject,
            name_in_stream(message.reply),
        )

    async def accept(self, outcome: Outcome, position: int) -> None:
        await self._client.publish(self._message.reply, b"+ACK")

    async def give_back(self) -> None:
        await self._message.nak(delay=GIVE_BACK_S)


def name_in_stream(reply: str) -> str:
    """What names a message of the stream for ever, from where it wants its acknowledgement.

    That is $JS.ACK.[domain.account.]stream.consumer.delivered.sequence.consumer_sequence.time.pending[.random]; the
    client's own reading of it costs more than reading the sale. The time, in microseconds here, tells the message
    from one of the same number in a stream that was made anew.
    """
    tokens = reply.split(".")
    sequence, time_ns = (tokens[5], tokens[7]) if len(tokens) == 9 else (tokens[7], tokens[9])
    return f"{SALES_STREAM}.{sequence}.{time_ns[:-3]}"


class RequestDelivery:
    """A record request: answered once, with every verdict."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def accept(self, outcome: Outcome, position: int) -> None:
        self._answer(answer_of(outcome, position))

    async def give_back(self) -> None:
        detail = "something went wrong here; nothing of this request was recorded"
        self._answer(orjson.dumps({"error": {"code": "internal", "detail": detail}}))

    def _answer(self, body: bytes) -> None:
        if not self.answer.done():
            self.answer.set_result(body)


def answer_of(outcome: Outcome, position: int) -> bytes:
    """The body of the reply: what `POST /v1/sales` answers."""
    said = {"position": position, "accepted": outcome.accepted, "duplicates": outcome.duplicates}
    answer = orjson.dumps(said | {"rejected": [_rejected(one) for one in outcome.rejected]})
    if len(answer) > ANSWER_BYTES_MAX:
        codes = [{"index": one.index, "code": one.refused.code} for one in outcome.rejected]
        short = {"source": None, "id": None, "detail": "see refused.<source>: all details are too long for one answer"}
        answer = orjson.dumps(said | {"rejected": [one | short | {"field": ""} for one in codes]})
    return answer


def _rejected(one: Rejection) -> dict[str, object]:
    return {
        "index": one.index,
        "source": one.source and one.source[:DETAIL_LENGTH_MAX],
        "id": one.id and one.id[:DETAIL_LENGTH_MAX],
        "code": one.refused.code,
        "detail": one.refused.detail[:DETAIL_LENGTH_MAX],
        "field": one.refused.field[:DETAIL_LENGTH_MAX],
    }
