"""What became of one sale: its line in the ledger, the version in force, and the targets that this counts toward."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from api.database import Database
from api.target_reads import TargetReads
from domain.ledger import Entry, Posting, SalesRecorded
from domain.money import half_even, shown
from domain.plan import Plan
from domain.refusal import Refused
from domain.sale import name_of, text_of
from projections.codec import said_by

# The batches where a line of this sale may stand: its own, its latest version's, and where a sale that it named
# was recorded, for there a waiting one is applied.
LINES = """
WITH mine AS (SELECT * FROM sale_identities WHERE source = %(source)s AND id = %(id)s),
     latest AS (SELECT v.* FROM mine AS m JOIN sale_versions AS v
                ON v.source = m.source AND v.root = coalesce(m.root, m.id)),
     named AS (SELECT i.batch FROM sale_identities AS i, mine AS m
               WHERE i.source = m.source AND i.id = ANY(array[m.root, %(corrects)s]))
SELECT e.notification_id, e.state, coalesce(m.root, m.id), (SELECT id FROM latest), w.id IS NOT NULL
FROM mine AS m
LEFT JOIN waiting_sales AS w ON w.source = m.source AND w.id = m.id
JOIN milemarker_events AS e ON e.originator_version = 1 AND e.originator_id IN (
    SELECT batch FROM mine UNION SELECT batch FROM latest UNION SELECT batch FROM named)
ORDER BY e.notification_id
"""


OURS = ("counts", "level", "inherited", "credited", "original_at", "reverses", "state")
"""What the ledger says of a sale beside what was published."""


@dataclass(frozen=True)
class Line:
    """A line of the ledger and where it stands."""

    position: int
    recorded_at: datetime
    entry: Entry


@dataclass(frozen=True)
class Lines:
    """All that is known of one sale: its first line, its last, and the version in force."""

    first: Line
    last: Line
    latest: Line
    root: str
    waits: bool


class SaleReads:
    def __init__(self, database: Database, targets: TargetReads) -> None:
        self._database = database
        self._targets = targets

    async def find(self, source: str, sale_id: str) -> dict[str, Any] | None:
        """What is told about a sale; None when none is recorded with this source and id."""
        try:
            name_of(source, "/source")
            text_of(sale_id, "/id")
        except Refused:
            return None
        lines = await self._lines(source, sale_id, None)
        if lines is not None and lines.first.entry.state == "waiting" and not lines.waits:
            lines = await self._lines(source, sale_id, lines.first.entry.corrects)
        if lines is None:
            return None
        first, latest = lines.first, lines.latest
        return {
            "source": source,
            "id": sale_id,
            "position": first.position,
            "recorded_at": first.recorded_at,
            "state": _state(lines),
            "sale": await self._sale(first.entry),
            "root": lines.root,
            "latest": None if lines.waits else latest.entry.id,
            "counts_toward": [] if lines.waits else await self._counts_toward(latest.entry),
        }

    async def _lines(self, source: str, sale_id: str, corrects: str | None) -> Lines | None:
        rows = await self._database.rows(LINES, {"source": source, "id": sale_id, "corrects": corrects})
        if not rows:
            return None
        _, _, root, latest_id, waits = rows[0]
        mine: list[Line] = []
        latest: Line | None = None
        for position, state, *_ in rows:
            said = said_by(SalesRecorded, state)
            for entry in said["entries"]:
                if entry.source == source and entry.id in (sale_id, latest_id):
                    line = Line(position, said["timestamp"], entry)
                    if entry.id == sale_id:
                        mine.append(line)
                    if entry.id == latest_id:
                        latest = line
        return Lines(mine[0], mine[-1], latest or await self._root(source, root, sale_id) or mine[-1], root, waits)

    async def _root(self, source: str, root: str, sale_id: str) -> Line | None:
        """The version in force of a sale that nothing has replaced: itself."""
        if root == sale_id:
            return None
        lines = await self._lines(source, root, None)
        return None if lines is None else lines.latest

    async def _sale(self, entry: Entry) -> dict[str, Any]:
        """The sale as it was published; a void may have neither metric nor amount."""
        said = entry.stored()
        for ours in OURS:
            said.pop(ours, None)
        if not entry.metric:
            return {name: value for name, value in said.items() if name not in ("metric", "unit", "amount")}
        return said | {"amount": shown(entry.amount, await self._exponent(entry.metric))}

    async def _exponent(self, metric: str) -> int:
        return (await self._database.metrics([metric]))[metric].exponent

    async def _counts_toward(self, entry: Entry) -> list[dict[str, Any]]:
        """As each target counts it: what of it, and when; in a ratio perhaps on both sides."""
        posting = entry.added()
        if posting is None:
            return []
        exponent = await self._exponent(entry.metric)
        found: list[dict[str, Any]] = []
        for one in sorted(await self._targets.counting(entry.metric), key=_by_begin):
            for route in one.known.routes:
                if (counts := route.counted(posting)) is None:
                    continue
                toward = {
                    "target": one.id,
                    "name": one.status.name,
                    "amount": _amount(counts, one.known.plan, exponent),
                }
                toward["counted_at"] = counts.occurred_at
                if one.known.plan.kind == "ratio":
                    toward["part"] = "denominator" if counts.under else "numerator"
                found.append(toward)
        return found


def _amount(counts: Posting, plan: Plan, exponent: int) -> str:
    """What counts: in the sale's own unit, or in that of a roll-up over several currencies."""
    if plan.scale == 1:
        return shown(counts.amount, exponent)
    return shown(half_even(Fraction(counts.amount, plan.scale)), plan.exponent)


def _by_begin(found: Any) -> tuple[datetime, UUID]:
    return found.known.plan.begins, found.id


def _state(lines: Lines) -> str:
    entry, latest = lines.last.entry, lines.latest.entry
    if lines.waits:
        return "waiting"
    if entry.state == "lapsed":
        return "lapsed"
    if latest.id != entry.id:
        return "void" if latest.kind == "void" else "corrected"
    if entry.kind == "void":
        return "applied"
    return "recorded" if entry.counts is None else "counted"
