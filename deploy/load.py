"""Loads a file of sales: parts through the record door, several under way, their results in order."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from deploy.load_progress import LoadProgress, Tally
from deploy.record_door import RecordDoor, Reply
from deploy.sales_file import Line, Part
from domain.refusal import Refused

UNDER_WAY_MAX = 4


@dataclass(frozen=True)
class Seen:
    """For the progress bar: bytes of the file that are done with, and the tally."""

    read: int
    tally: Tally


async def load(parts: Iterator[Part], door: RecordDoor, progress: LoadProgress, seen: Callable[[Seen], None]) -> None:
    """Until the last part is committed. May be cut off anywhere: what is not in the tally is sent again."""
    under_way: deque[tuple[Part, asyncio.Task[Reply]]] = deque()
    try:
        for part in parts:
            under_way.append((part, asyncio.create_task(_record(part, door))))
            if len(under_way) == UNDER_WAY_MAX:
                await _settle(under_way, progress, seen)
        while under_way:
            await _settle(under_way, progress, seen)
    finally:
        for _, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)
        await door.close()


async def _record(part: Part, door: RecordDoor) -> Reply:
    return await door.record(part.body) if part.lines else Reply(0, 0, [])


async def _settle(
    under_way: deque[tuple[Part, asyncio.Task[Reply]]], progress: LoadProgress, seen: Callable[[Seen], None]
) -> None:
    """Wait for the oldest part, and note what became of it."""
    part, task = under_way[0]
    reply = await task
    under_way.popleft()
    for line, refused, named in _refusals(part, reply):
        progress.refuse(line.number, line.text, refused, named)
    tally = progress.tally
    tally.accepted += reply.accepted
    tally.duplicates += reply.duplicates
    tally.offset, tally.line = part.end
    progress.keep()
    seen(Seen(part.read, tally))


def _refusals(part: Part, reply: Reply) -> list[tuple[Line, Refused, dict[str, Any]]]:
    """In the order of the file: the lines that could not be read, and the sales that were not taken."""
    refusals = [(line, refused, dict[str, Any]()) for line, refused in part.unread]
    for one in reply.rejected:
        named = {name: one[name] for name in ("source", "id") if one.get(name) is not None}
        refused = Refused(one["code"], one["detail"], one.get("field") or "")
        refusals.append((part.lines[one["index"]], refused, named))
    return sorted(refusals, key=lambda refusal: refusal[0].number)
