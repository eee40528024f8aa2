"""The NATS channel: one message on notifications.<recipient>, delivered once the stream has it."""

from collections.abc import Callable

import orjson
from nats.aio.client import Client
from nats.errors import MaxPayloadError
from nats.js.errors import NoStreamResponseError

from domain.delivery.delivering import Attempt
from domain.delivery.retry import Accepted, Failure, Outcome, Severity
from domain.refusal import Refused
from workers.connecting import NATS_AWAY
from workers.subjects import NOTIFICATIONS_STREAM, notification_subject

PUBLISH_S = 5.0


class NatsChannel:
    def __init__(self, client: Callable[[], Client | None]) -> None:
        """client: the connection, or None while there is none."""
        self._client = client

    async def send(self, attempt: Attempt) -> Outcome:
        client = self._client()
        if client is None or not client.is_connected:
            return Failure("NATS is away")
        try:
            said = await client.jetstream(timeout=PUBLISH_S).publish(
                notification_subject(attempt.recipient),
                orjson.dumps(attempt.body),
                headers={"Nats-Msg-Id": str(attempt.notification)},
                stream=NOTIFICATIONS_STREAM,
            )
        except Refused as refused:
            return Failure(refused.detail, Severity.FINAL)
        except MaxPayloadError:
            return Failure("the message is larger than NATS carries", Severity.FINAL)
        except NoStreamResponseError:
            return Failure(f"there is no stream {NOTIFICATIONS_STREAM}: run `milemarker migrate`")
        except NATS_AWAY as error:
            return Failure(f"NATS did not acknowledge it: {str(error)[:200] or type(error).__name__}")
        return Accepted(f"PubAck {said.seq}" + (", known already" if said.duplicate else ""))
