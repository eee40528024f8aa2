"""A body of sales to single JSON texts, unread: what is in them is ingest's to judge, one by one."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from api.bodies import malformed
from api.door import BYTES_MAX, SALES_MAX
from api.problems import Problem
from domain.splitting import split_array

POSTED_MAX = 5_000
"""Sales in one body."""
MARKS_MAX = 1_000_000
"""Brackets and commas in a body that has something broken in it: finding its sales costs time for each."""

_array = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass
class Posted:
    """What came: texts to be recorded with their index in the body, and what is refused here already."""

    sales: list[tuple[int, bytes]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def parts(self) -> Iterator[list[tuple[int, bytes]]]:
        """The sales in parts of at most 1,000 and 512 KiB, in order; one empty part when there are none."""
        part: list[tuple[int, bytes]] = []
        size = 0
        for index, sale in self.sales:
            if len(part) == SALES_MAX or size + len(sale) + 1 > BYTES_MAX:
                yield part
                part, size = [], 0
            part.append((index, sale))
            size += len(sale) + 1
        if part or not self.sales:
            yield part


async def posted(body: bytes, *, ndjson: bool) -> Posted:
    """The sales in a body; a Problem: malformed_json (400) when it is no JSON at all, too_many_sales (422)."""
    texts = [line for line in body.split(b"\n") if line.strip()] if ndjson else await _texts(body)
    if len(texts) > POSTED_MAX:
        raise Problem(422, "too_many_sales", f"a body has up to {POSTED_MAX} sales, this one {len(texts)}: split it")
    found = Posted()
    for index, text in enumerate(texts):
        if not text or text.isspace():
            found.rejected.append(_rejected(index, "malformed_json", "there is nothing between two commas"))
        elif len(text) >= BYTES_MAX:
            found.rejected.append(_rejected(index, "too_large", f"a sale has less than {BYTES_MAX} bytes"))
        else:
            # One line a sale. A line break becomes another sign that JSON takes between values and not in texts.
            found.sales.append((index, text.replace(b"\n", b"\r") if b"\n" in text else text))
    return found


async def _texts(body: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in _array.decode(body)]
    except msgspec.ValidationError:
        return [_single(body)]
    except (msgspec.DecodeError, RecursionError):
        pass
    if not body.lstrip().startswith(b"["):
        return [_single(body)]
    if sum(body.count(mark) for mark in (b"[", b"]", b"{", b"}", b",", b'"')) > MARKS_MAX:
        raise Problem(400, "malformed_json", "the body is no JSON, and has too many parts to find the good ones among")
    texts = await asyncio.to_thread(split_array, body)
    if texts is None:
        raise Problem(400, "malformed_json", "the body is no JSON: its brackets or quotes don't pair up")
    return texts


def _single(body: bytes) -> bytes:
    """A body that is one value."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        found = malformed(error)
        if len(body.split(b"\n", 2)) > 1:
            found.detail += "; sales one a line are sent with Content-Type: application/x-ndjson"
        raise found from None
    return body.strip()


def _rejected(index: int, code: str, detail: str) -> dict[str, Any]:
    return {"index": index, "source": None, "id": None, "code": code, "detail": detail, "field": ""}
