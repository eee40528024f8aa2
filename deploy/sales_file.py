"""A file of sales, CSV or NDJSON, gz or not, as parts of up to 500 sales that the record door takes."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple, cast

import orjson

from deploy.trouble import Trouble
from domain.alerts.wording import counted
from domain.refusal import Refused
from domain.sale import FIELDS
from workers.subjects import MESSAGE_BYTES_MAX

PART_SALES_MAX = 500
GZIP_MAGIC = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
DELIMITERS = (",", ";", "\t")
DIMENSION = "dimensions."
COLUMNS = FIELDS - {"dimensions"}
BUFFER = 1024 * 1024


class Line(NamedTuple):
    """A line of the file that holds something; number counts from 1."""

    number: int
    text: bytes


@dataclass(slots=True)
class Part:
    """Lines that are sent together, and those among them that could not even be read.

    end: the (uncompressed) byte and the line up to which the file is done with this part; read: bytes of the
    (compressed) file that were read for it.
    """

    lines: list[Line] = field(default_factory=list)
    sales: list[bytes] = field(default_factory=list)
    size: int = 0
    unread: list[tuple[Line, Refused]] = field(default_factory=list)
    end: tuple[int, int] = (0, 0)
    read: int = 0

    @property
    def body(self) -> bytes:
        return b"\n".join(self.sales)


class SalesFile:
    """Parts of the file, from any place where an earlier part ended."""

    def __init__(self, path: Path, source: str | None = None) -> None:
        """source: what a sale without one gets."""
        self._path = path
        self._source = source

    def parts(self, offset: int = 0, line: int = 0) -> Iterator[Part]:
        """From the (uncompressed) byte `offset` on, which stands after `line` lines. Raises Trouble."""
        with self._path.open("rb", buffering=BUFFER) as raw:
            gz = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            with cast(AbstractContextManager[IO[bytes]], gzip.open(raw) if gz else nullcontext(raw)) as file:
                yield from self._parts(raw, file, offset, line)

    def _parts(self, raw: IO[bytes], file: IO[bytes], offset: int, line: int) -> Iterator[Part]:
        place = [0, 0]
        try:
            lines = _lines(file, place)
            first = next(lines, None)
            if first is None:
                return
            rows = _Rows(first, self._source) if _is_csv(first.text) else _Objects(self._source)
            if offset > place[0]:
                place[:] = file.seek(offset), line
                lines = _lines(file, place)
            elif isinstance(rows, _Objects):
                lines = _again(first, lines)
            for part in _gathered(lines, rows, place):
                part.read = raw.tell()
                yield part
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Trouble(
                f"{self._path} is damaged after line {place[1]:,}: {error}. What stands before it is loaded"
            ) from None
        except OSError as error:
            raise Trouble(f"{self._path} can't be read: {error.strerror or error}") from None


def _again(first: Line, lines: Iterator[Line]) -> Iterator[Line]:
    yield first
    yield from lines


def _lines(file: IO[bytes], place: list[int]) -> Iterator[Line]:
    """Lines that hold something; `place` is where the file is after each. Of an endless one only its beginning."""
    while text := file.readline(MESSAGE_BYTES_MAX + 2):
        place[0] += len(text)
        place[1] += 1
        rest = text
        while len(rest) == MESSAGE_BYTES_MAX + 2 and not rest.endswith(b"\n"):
            rest = file.readline(MESSAGE_BYTES_MAX + 2)
            place[0] += len(rest)
        text = (text.removeprefix(BOM) if place[1] == 1 else text).strip()
        if text:
            yield Line(place[1], text)


def _gathered(lines: Iterator[Line], rows: "_Rows | _Objects", place: list[int]) -> Iterator[Part]:
    part = Part()
    before = (place[0], place[1])
    for line in lines:
        try:
            sale = rows.sale(line.text)
            if len(sale) > MESSAGE_BYTES_MAX:
                raise Refused("too_large", f"a sale has up to {MESSAGE_BYTES_MAX} bytes")
        except Refused as refused:
            part.unread.append((line, refused))
        else:
            if part.size + len(sale) > MESSAGE_BYTES_MAX:
                part.end = before
                yield part
                part = Part()
            part.lines.append(line)
            part.sales.append(sale)
            part.size += len(sale) + 1
        before = (place[0], place[1])
        if len(part.lines) + len(part.unread) >= PART_SALES_MAX:
            part.end = before
            yield part
            part = Part()
    part.end = (place[0], place[1])
    yield part


def _is_csv(first: bytes) -> bool:
    if first.startswith(b"["):
        raise Trouble("this is one JSON array: write one sale a line (NDJSON), or use CSV")
    return not first.startswith(b"{")


class _Objects:
    """NDJSON: one sale a line, sent as it stands; whether it is one is for those to say who know the rules."""

    def __init__(self, source: str | None) -> None:
        self._source = source

    def sale(self, text: bytes) -> bytes:
        if self._source is None:
            return text
        try:
            sale = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Refused("malformed_json", f"this is no JSON: {error.msg} at character {error.pos}") from None
        return orjson.dumps({"source": self._source, **sale}) if isinstance(sale, dict) else text


class _Rows:
    """CSV: a header with the names of fields, then one sale a line. An empty cell is a field left out."""

    def __init__(self, header: Line, source: str | None) -> None:
        self._source = source
        text = _decoded(header.text, "the header")
        self._delimiter = max(DELIMITERS, key=text.count)
        self._columns = [name.strip() for name in self._cells(text)]
        strangers = [name for name in self._columns if not _is_known(name)]
        if strangers or len(set(self._columns)) < len(self._columns):
            what = f"{strangers[0]!r} is no field of a sale" if strangers else "a column stands there twice"
            raise Trouble(
                f"in the header (line {header.number}) {what}: the columns of a CSV file are "
                f"{', '.join(sorted(COLUMNS))}, and {DIMENSION}NAME for each dimension, such as {DIMENSION}region"
            )

    def sale(self, text: bytes) -> bytes:
        try:
            cells = self._cells(_decoded(text, "this line"))
        except csv.Error as error:
            raise Refused("malformed_csv", f"this is no row of CSV: {error}") from None
        if len(cells) > len(self._columns):
            raise Refused(
                "malformed_csv", f"this row has {counted(len(cells), 'cell')}, the header {len(self._columns)}"
            )
        sale: dict[str, object] = {"source": self._source} if self._source else {}
        dimensions: dict[str, str] = {}
        for name, cell in zip(self._columns, cells, strict=False):
            if not cell:
                continue
            if name.startswith(DIMENSION):
                dimensions[name.removeprefix(DIMENSION)] = cell
            else:
                sale[name] = _credit(cell) if name == "credit" else cell
        if dimensions:
            sale["dimensions"] = dimensions
        return orjson.dumps(sale)

    def _cells(self, text: str) -> list[str]:
        # Line by line: in a sale no cell holds a line break, and a stray quote must not swallow what follows.
        return next(csv.reader((text,), delimiter=self._delimiter, strict=True))


def _is_known(column: str) -> bool:
    return column in COLUMNS or (column.startswith(DIMENSION) and len(column) > len(DIMENSION))


def _decoded(text: bytes, what: str) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Refused("not_utf8", f"{what} is no UTF-8 text: byte {error.start + 1}") from None


def _credit(cell: str) -> object:
    """The shares as JSON, as in NDJSON; anything else goes as it is, for the refusal that it gets."""
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return cell
