"""`refused`: the sales that could not be taken."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import nats.errors
import orjson
import typer
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from rich.table import Table

from deploy.commands.options import DataOption, JsonOption, console, errors, found_endpoints
from deploy.nats_client import connect_once
from deploy.trouble import Trouble
from workers.subjects import REFUSED_STREAM, REFUSED_SUBJECTS

NEXT_S = 5.0
LIMIT_MAX = 100_000
COLUMNS = ("refused_at", "source", "id", "code", "detail")


def refused(
    limit: Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="The newest so many.")] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with those that come.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """Show which sales could not be taken, and why, oldest first.

    They are kept for 30 days. One that is mended may be sent again under the same id.
    """
    _, endpoints = found_endpoints(data)
    try:
        asyncio.run(_show(endpoints.nats, limit, follow, as_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def _show(url: str, limit: int, follow: bool, as_json: bool) -> None:
    try:
        client = await connect_once(url, "milemarker refused")
    except ConnectionError as error:
        raise Trouble(f"NATS does not answer: {error}") from None
    try:
        told = _told(client.jetstream(), limit, follow)
        if as_json or follow:
            async for one in told:
                print(orjson.dumps(one).decode() if as_json else "  ".join(_cells(one)), flush=True)
        else:
            _show_table([one async for one in told])
    except NotFoundError:
        raise Trouble("there are no streams yet: run `milemarker migrate`") from None
    except (nats.errors.Error, TimeoutError) as error:
        raise Trouble(f"NATS does not answer any more: {error or type(error).__name__}") from None
    finally:
        await client.close()


async def _told(jetstream: JetStreamContext, limit: int, follow: bool) -> AsyncIterator[dict[str, Any]]:
    """What was said on refused.<source>: code, detail, field, source, id, subject, refused_at, sale."""
    state = (await jetstream.stream_info(REFUSED_STREAM)).state
    if not state.messages and not follow:
        return
    subscription = await jetstream.subscribe(
        REFUSED_SUBJECTS,
        stream=REFUSED_STREAM,
        ordered_consumer=True,
        config=ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=max(state.first_seq, state.last_seq - limit + 1, 1),
        ),
    )
    while True:
        message = await subscription.next_msg(timeout=None if follow else NEXT_S)
        yield orjson.loads(message.data)
        if not follow and message.metadata.num_pending == 0:
            return


def _show_table(told: list[dict[str, Any]]) -> None:
    if not told:
        errors.print("Nothing was refused in the last 30 days.")
        return
    table = Table(*COLUMNS, box=None)
    for one in told:
        table.add_row(*_cells(one))
    console.print(table, markup=False)


def _cells(one: dict[str, Any]) -> list[str]:
    # Ids come from outside: what is no printable character must not reach the terminal.
    values = [str(one.get(name) or "-") for name in COLUMNS]
    return ["".join(sign if sign.isprintable() else "?" for sign in value) for value in values]
