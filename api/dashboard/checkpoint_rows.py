"""The checkpoints of a target as lines of a table: what was expected at each, what was read, what has come since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.dashboard import wording
from api.dashboard.charts.amounts import exact
from api.plans import KnownPlan
from api.target_reads import Found
from domain.checkpoint import Reading
from domain.schedule import PlannedCheckpoint
from projections.checkpoints import Evaluation

BEFORE_MAX = 14
AFTER_MAX = 6
"""Checkpoints that a page shows: these that are past, and these to come."""
COMING = "coming"


@dataclass(frozen=True)
class CheckpointRow:
    """status: its verdict, or "coming"; what is not known yet is empty. outcome: of the closing one of a target that
    is over, which is what its badge says.
    """

    number: int
    day: str
    closing: bool
    status: str
    outcome: str
    expected: str
    actual: str
    variance: str
    step: str
    small: str
    restated: str
    next: bool
    overdue: bool


@dataclass(frozen=True)
class CheckpointTable:
    """before, after: how many more there are."""

    rows: Sequence[CheckpointRow]
    before: int
    after: int


def window_of(found: Found) -> tuple[int, int]:
    """Which planned checkpoints a page shows: (first, end) as indexes."""
    planned = found.known.plan.checkpoints
    passed = sum(one.cutoff <= found.as_of for one in planned)
    return max(0, passed - BEFORE_MAX), min(len(planned), passed + AFTER_MAX)


def table_of(found: Found, evaluations: Mapping[int, Evaluation]) -> CheckpointTable:
    """evaluations: by number; at least those of the window and of the one before it."""
    planned, (first, end) = found.known.plan.checkpoints, window_of(found)
    coming = next((one.number for one in planned if one.cutoff > found.as_of), None)
    rows = [_row(found, one, evaluations, coming == one.number) for one in planned[first:end]]
    return CheckpointTable(rows, first, len(planned) - end)


def reads(row: Evaluation) -> Reading:
    """What a checkpoint reads now."""
    return row.reported if row.restated is None else row.restated.new


def _row(
    found: Found, planned: PlannedCheckpoint, evaluations: Mapping[int, Evaluation], is_next: bool
) -> CheckpointRow:
    known, number = found.known, planned.number
    row = evaluations.get(number)
    before = evaluations.get(number - 1)
    expected = _expected(known, number)
    step = expected - (_expected(known, number - 1) if number > 1 else 0)
    reading = None if row is None else reads(row)
    earlier = None if before is None else reads(before).actual
    return CheckpointRow(
        number=number,
        day=wording.cutoff(planned, known.plan, found.as_of.year),
        closing=planned.closing,
        status=COMING if reading is None else reading.status,
        outcome=(found.status.outcome or "") if planned.closing and reading is not None else "",
        expected=_amount(known, expected),
        actual="" if reading is None else _amount(known, reading.actual),
        variance="" if reading is None else _signed(known, reading.variance),
        step=_step(known, step, None if reading is None else reading.actual - _before(number, earlier, reading, row)),
        small=_small(row, reading),
        restated="" if row is None else _restated(known, row),
        next=is_next,
        overdue=planned.cutoff <= found.as_of,
    )


def _before(number: int, earlier: int | None, reading: Reading, row: Evaluation | None) -> int:
    """What the checkpoint before reads now; as it was said where that is not known."""
    if number == 1:
        return 0
    if earlier is not None:
        return earlier
    assert row is not None
    return reading.actual - row.step_actual


def _step(known: KnownPlan, expected: int, actual: int | None) -> str:
    """What this step brought of what it was to bring."""
    if actual is None:
        return _signed(known, expected)
    return f"{_signed(known, actual)} of {_signed(known, expected)}"


def _small(row: Evaluation | None, reading: Reading | None) -> str:
    if row is None or reading is None:
        return ""
    said = "settled" if row.settled else "provisional"
    return said if reading.complete else f"{said}; not all sales were in yet"


def _restated(known: KnownPlan, row: Evaluation) -> str:
    if row.restated is None:
        return ""
    old, new = row.reported, row.restated.new
    was = f"corrected from {_amount(known, old.actual)}"
    if new.status != old.status:
        was += f", {wording.STATUSES[old.status]},"
    return f"{was} because late sales came in"


def _expected(known: KnownPlan, number: int) -> int:
    return known.expected(known.plan.checkpoints[number - 1].cutoff)


def _amount(known: KnownPlan, minor: int) -> str:
    return exact(minor, known.plan.unit, known.plan.exponent)


def _signed(known: KnownPlan, minor: int) -> str:
    return wording.signed(minor, _amount(known, minor))
