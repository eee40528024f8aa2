"""What a row of the benchmarks says: one JSON line, and one line of the table that the README carries."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

_HEAD = ("| what | to reach | reached | in figures | met |", "|---|---|---|---|---|")


@dataclass(frozen=True)
class Line:
    """One line of the table. met: None where nothing is to be reached; figures: for the JSON, units in their names."""

    row: str
    what: str
    aim: str
    reached: str
    shown: str
    met: bool | None
    figures: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> bytes:
        said = {"row": self.row, "what": self.what, "aim": self.aim, "reached": self.reached, "met": self.met}
        return orjson.dumps(said | {"shown": self.shown, "figures": self.figures})


@dataclass(frozen=True)
class Failed:
    """A row that could not be measured, and why."""

    row: str
    why: str

    def as_json(self) -> bytes:
        return orjson.dumps({"row": self.row, "failed": self.why})


def read_line(said: bytes) -> Line | Failed:
    """What `as_json` made."""
    read = orjson.loads(said)
    return Failed(read["row"], read["failed"]) if "failed" in read else Line(**read)


def table(lines: Sequence[Line | Failed]) -> str:
    """As Markdown. A row that failed stands in its place and says so."""
    shown = list(_HEAD)
    for line in lines:
        if isinstance(line, Failed):
            shown.append(f"| {line.row} | | not measured: {_cell(line.why)} | | |")
        else:
            met = "" if line.met is None else "yes" if line.met else "no"
            shown.append(f"| {line.what} | {line.aim} | {line.reached} | {line.shown} | {met} |")
    return "\n".join(shown)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:200]


_began = time.monotonic()


def say(text: str) -> None:
    """Progress, on stderr: what is being done now, and how many seconds into its row."""
    print(f"  {time.monotonic() - _began:6.1f} s  {text}", file=sys.stderr, flush=True)


def rounded(value: float) -> str:
    """A number as people read it: 1,234 or 12.3 or 0.123."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"
