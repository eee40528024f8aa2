"""Tables of targets: CSV with a header of field names, one target a line, as spreadsheets write it."""

import csv
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import Any

from domain.importing import KEYS, Row
from domain.refusal import Refused

CELL_LENGTH_MAX = 100_000
Cell = Callable[[str], Any]


def rows_of(text: str) -> Iterator[Row]:
    """The rows of a table, with the lines on which they begin; empty cells are left out, empty lines passed over.

    Comma or semicolon between cells, as the header has it. Refused: no_header, unknown_column, column_twice. A row
    whose cells can't be read is one that says why.
    """
    csv.field_size_limit(CELL_LENGTH_MAX)
    lines = StringIO(text, newline="")
    header = next(lines, "").removeprefix("\ufeff")
    names = _header(header)
    separator = _separator(header)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 2
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(line, {}, Refused("bad_csv", f"this can't be read as CSV: {error}"))
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _row(line, names, cells)
        line = reader.line_num + 2


def column_of(field: str) -> str:
    """The column that a pointer into a definition is about; "" for the whole row."""
    steps = field.split("/")[1:]
    return next((name for name in (".".join(steps[:many]) for many in (3, 2, 1)) if name in COLUMNS), "")


def _separator(header: str) -> str:
    return ";" if ";" in header and "," not in header else ","


def _header(header: str) -> list[str]:
    names = [
        CALLED.get(name.strip(), name.strip()) for name in next(csv.reader([header], delimiter=_separator(header)), [])
    ]
    if not any(names):
        raise Refused(
            "no_header", "the first line names the columns, such as name,metric,unit,goal,start,end,time_zone"
        )
    for number, name in enumerate(names):
        if name not in COLUMNS:
            there_are = ", ".join(COLUMNS)
            raise Refused("unknown_column", f"there is no column {name[:64]!r}; there are: {there_are}")
        if name in names[:number]:
            raise Refused("column_twice", f"the column {name} is there twice")
    return names


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    said: dict[str, Any] = {}
    refused = None
    if len(cells) > len(names):
        refused = Refused("too_many_cells", f"this line has {len(cells)} cells, and the header {len(names)}")
    for name, cell in zip(names, cells, strict=False):
        if not cell.strip():
            continue
        inside, _, member = name.rpartition(".")
        try:
            value = COLUMNS[name](cell.strip())
        except Refused as bad:
            refused = refused or Refused(bad.code, bad.detail, "/" + name.replace(".", "/"))
            continue
        (said.setdefault(inside, {}) if inside else said)[member] = value
    return Row(line, said, refused)


def _text(cell: str) -> str:
    return cell


def _list(cell: str) -> list[str]:
    return [one.strip() for one in cell.split("|")]


def _scope(cell: str) -> dict[str, list[str]]:
    """region=emea|us;channel=web"""
    scope: dict[str, list[str]] = {}
    for part in cell.split(";"):
        name, equals, values = part.partition("=")
        if not equals or name.strip() in scope:
            detail = "a scope is said as region=emea|us;channel=web, each dimension once"
            raise Refused("bad_scope", detail)
        scope[name.strip()] = _list(values)
    return scope


def _weights(cell: str) -> dict[str, str] | list[str]:
    """MO=1;FR=2.5, or 1|2|1"""
    if "=" not in cell:
        return _list(cell)
    pairs = [part.partition("=") for part in cell.split(";")]
    return {name.strip(): weight.strip() for name, _, weight in pairs}


def _checkpoints(cell: str) -> str | list[str]:
    """A rule, or dates with | between them."""
    return cell if cell.upper().startswith("FREQ=") else _list(cell)


def _flag(cell: str) -> bool:
    word = cell.lower()
    if word not in ("true", "false"):
        raise Refused("not_true_or_false", "this must be true or false")
    return word == "true"


def _activate(cell: str) -> bool | str:
    return cell if cell.lower() not in ("true", "false") else cell.lower() == "true"


def _whole(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and len(cell) < 10):
        raise Refused("not_a_whole_number", "this must be a whole number")
    return int(cell)


CALLED = {"pacing": "pacing.kind"}
"""What a column is called by whoever needs no more of it."""

COLUMNS: dict[str, Cell] = {
    **dict.fromkeys(KEYS, _text),
    **dict.fromkeys(("name", "metric", "unit", "kind", "goal", "start", "end", "time_zone"), _text),
    "scope": _scope,
    "pacing.kind": _text,
    "pacing.by": _text,
    "pacing.weights": _weights,
    "checkpoints": _checkpoints,
    "owner": _text,
    "team": _list,
    "parent": _text,
    "activate": _activate,
    **dict.fromkeys(("baseline", "bounds.min", "bounds.max", "pass_share"), _text),
    **dict.fromkeys(("comparison.start", "comparison.end", "mode", "align"), _text),
    **{
        f"{part}.{name}": _scope if name == "scope" else _text
        for part in ("numerator", "denominator")
        for name in ("metric", "unit", "scope")
    },
    "calendar.closed": _list,
    **dict.fromkeys(("calendar.country", "calendar.subdivision"), _text),
    **dict.fromkeys(("thresholds.ahead", "thresholds.on_track", "thresholds.at_risk"), _text),
    "refunds": _text,
    "expect_data_every": _whole,
    "roll_up": _flag,
    "rate_table": _text,
}
"""Every column there is, and how its cells are read."""
