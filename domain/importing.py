"""Importing: many targets at once, from rows of a table. A row that is good is made, whatever is wrong beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from domain.application import Milemarker
from domain.defining import Resolving, plan_of
from domain.definition import definition_of
from domain.hearing import definition_from, text
from domain.metric import Metric
from domain.plan import Plan
from domain.refusal import Refused
from domain.sale import text_of
from domain.saying import said_of
from domain.starting import Start, start_of
from domain.target import Target

IMPORTED = UUID("5b7f2f38-7a1c-5d0b-8f0e-9a4a6f1c2d77")
ROWS_MAX = 1_000
MADE, UNCHANGED, REFUSED = "made", "unchanged", "refused"
KEYS = ("key", "id")
"""What a row may be called by whoever has made the table: importing it again changes nothing."""


@dataclass(frozen=True)
class Row:
    """One target as it is said; line: where it stands, from 1; refused: what could not even be read of it."""

    line: int
    said: Mapping[str, Any]
    refused: Refused | None = None


@dataclass(frozen=True)
class Imported:
    """What became of a row: MADE, UNCHANGED or REFUSED; id: of the target; of a dry run, what would become of it."""

    line: int
    result: str
    key: str | None
    name: str | None
    id: UUID | None
    refused: Refused | None = None


class Import:
    """Makes targets of rows, one after another, each in a transaction of its own.

    dry_run: nothing is made, and the answer is the same; seed: what ids of rows without a key come from.
    """

    def __init__(self, app: Milemarker, known: Resolving, *, seed: UUID, dry_run: bool, by: str, at: datetime) -> None:
        self._app = app
        self._metrics = dict(known.metrics)
        self._known = replace(known, metrics=self._metrics)
        self._seed = seed
        self._dry_run = dry_run
        self._by = by
        self._at = at
        self._planned: dict[UUID, Plan] = {}

    def take(self, rows: Iterable[Row]) -> list[Imported]:
        return [self._take(row) for row in rows]

    def _take(self, row: Row) -> Imported:
        said = row.said
        key = next((str(said[name])[:200] for name in KEYS if said.get(name) is not None), None)
        name = said.get("name") if isinstance(said.get("name"), str) else None
        try:
            if row.refused is not None:
                raise row.refused
            target_id, plan, start = self._read(row)
            result = self._make(target_id, plan, start)
        except Refused as refused:
            return Imported(row.line, REFUSED, key, name, None, refused)
        self._planned[target_id] = plan
        self._know_metrics(plan)
        return Imported(row.line, result, key, name, target_id)

    def _read(self, row: Row) -> tuple[UUID, Plan, Start]:
        said = dict(row.said)
        start = start_of(said.pop("activate", None) or False)
        keys = [(name, said.pop(name)) for name in KEYS if said.get(name) is not None]
        if len(keys) > 1:
            raise Refused("two_keys", "a row has a key or an id of its own, not both: they are the same", "/id")
        target_id = uuid5(self._seed, str(row.line))
        for name, key in keys:
            target_id = uuid5(IMPORTED, text_of(text(key, f"/{name}"), f"/{name}"))
        for name in KEYS:
            said.pop(name, None)
        return target_id, plan_of(definition_from(said), self._known), start

    def _make(self, target_id: UUID, plan: Plan, start: Start) -> str:
        with self._app.writing() as log:
            there = log.targets([target_id]).get(target_id)
            parent = None if plan.parent is None else UUID(plan.parent)
            if parent is not None and not (log.targets([parent]) or (self._dry_run and parent in self._planned)):
                raise Refused("unknown_parent", f"there is no target {parent}", "/parent")
        before = self._planned.get(target_id) if there is None else _first(there, plan)
        if before is not None:
            if _said(before) != _said(plan):
                raise Refused("key_reused", "this key has made another target before: revise that one", "/key")
            return UNCHANGED
        if not self._dry_run:
            self._app.define_target(target_id, plan, activate=start, by=self._by, at=self._at)
        return MADE

    def _know_metrics(self, plan: Plan) -> None:
        """What a row has fixed holds for those after it."""
        parts = [part for part in (plan.numerator, plan.denominator) if part is not None]
        counted = [Metric(part.metric, part.unit, part.exponent) for part in parts]
        for one in counted or [Metric(plan.metric, plan.unit, plan.exponent)]:
            self._metrics.setdefault(one.name, one)


def _first(target: Target, plan: Plan) -> Plan:
    """The plan that a target was defined with, whoever has it now."""
    first = target.plans[0]
    return replace(first, owner=plan.owner, team=plan.team) if target.handed_over else first


def _said(plan: Plan) -> Mapping[str, Any]:
    return said_of(definition_of(plan))


def counts_of(imported: Sequence[Imported]) -> dict[str, int]:
    return {result: sum(one.result == result for one in imported) for result in (MADE, UNCHANGED, REFUSED)}
