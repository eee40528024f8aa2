"""The checkpoints of a target as lines of a table: what was expected at each, what was read, what has come since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.dashboard import wording
from api.dashboard.glance import aim_of, aimed, said_apart, sells
from api.plans import KnownPlan
from api.target_reads import Found
from domain.checkpoint import Reading, reads_nothing
from domain.plan import KEEP, RATIO, Plan
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
    """before, after: how many more there are; steps: whether what came between two of them says something."""

    rows: Sequence[CheckpointRow]
    before: int
    after: int
    steps: bool = True


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
    return CheckpointTable(rows, first, len(planned) - end, found.known.plan.kind not in (KEEP, RATIO))


def reads(row: Evaluation) -> Reading:
    """What a checkpoint reads now."""
    return row.reported if row.restated is None else row.restated.new


def _row(
    found: Found, planned: PlannedCheckpoint, evaluations: Mapping[int, Evaluation], is_next: bool
) -> CheckpointRow:
    plan, number = found.known.plan, planned.number
    row = evaluations.get(number)
    reading = None if row is None else reads(row)
    read = reading is not None and not reads_nothing(plan, reading)
    return CheckpointRow(
        number=number,
        day=wording.cutoff(planned, plan, found.as_of.year),
        closing=planned.closing,
        status=COMING if reading is None else reading.status,
        outcome=(found.status.outcome or "") if planned.closing and reading is not None else "",
        expected=_expected_said(found.known, planned),
        actual=aimed(plan, reading.actual) if reading is not None and read else "",
        variance=_variance(plan, reading) if reading is not None and read else "",
        step=_step(found.known, planned, evaluations) if plan.kind not in (KEEP, RATIO) else "",
        small=_small(row, reading, found.known.course.plan_at(planned.cutoff)),
        restated="" if row is None else _restated(plan, row),
        next=is_next,
        overdue=planned.cutoff <= found.as_of,
    )


def _expected_said(known: KnownPlan, planned: PlannedCheckpoint) -> str:
    """What is expected at it, as the course of the target's plans has it."""
    plan = known.plan
    if plan.kind == KEEP:
        return aim_of(known.course.plan_at(planned.cutoff))
    if plan.no_baseline or plan.awaits_comparison:
        return ""
    return aimed(plan, known.expected(planned.cutoff))


def _variance(plan: Plan, reading: Reading) -> str:
    if plan.no_baseline:
        return ""
    return wording.signed(reading.variance, said_apart(plan, reading.variance))


def _step(known: KnownPlan, planned: PlannedCheckpoint, evaluations: Mapping[int, Evaluation]) -> str:
    """What this step brought of what it was to bring."""
    plan, number = known.plan, planned.number
    if plan.no_baseline or plan.awaits_comparison:
        return ""
    before = plan.checkpoints[number - 2] if number > 1 else None
    expected = known.expected(planned.cutoff) - (plan.baseline if before is None else known.expected(before.cutoff))
    to_come = wording.signed(expected, said_apart(plan, expected))
    row, earlier = evaluations.get(number), evaluations.get(number - 1)
    if row is None:
        return to_come
    reading = reads(row)
    if before is None:
        came = reading.actual - plan.baseline
    else:
        # What the checkpoint before reads now; as it was said where that is not known.
        came = reading.actual - reads(earlier).actual if earlier is not None else row.step_actual
    return f"{_unnamed(plan, came)} of {to_come}"


def _unnamed(plan: Plan, minor: int) -> str:
    """With its sign, and without the name of what is counted: the amount beside it has that."""
    said = wording.signed(minor, said_apart(plan, minor))
    return said if sells(plan) else said.split(wording.SPACE)[0]


def _small(row: Evaluation | None, reading: Reading | None, plan: Plan) -> str:
    if row is None or reading is None:
        return ""
    said = ["settled" if row.settled else "provisional"]
    said += [] if reading.complete else ["not all sales were in yet"]
    said += ["against a partial comparison"] if plan.partial and not plan.no_baseline else []
    return "; ".join(said)


def _restated(plan: Plan, row: Evaluation) -> str:
    """Against what was said first. Only a revision changes what was expected."""
    if row.restated is None:
        return ""
    old, new = row.reported, row.restated.new
    was = f", {wording.STATUSES[old.status]}," if new.status != old.status else ""
    if new.expected != old.expected and plan.kind != KEEP:
        said = f"a revision expects {aimed(plan, new.expected)} and not {aimed(plan, old.expected)}"
        return f"{said}; it was {was[2:-1]}" if was else said
    came = f"because late {_late(plan)} came in"
    if reads_nothing(plan, old):
        return f"corrected from {wording.STATUSES[old.status]} {came}"
    return f"corrected from {aimed(plan, old.actual)}{was} {came}"


def _late(plan: Plan) -> str:
    return "measurements" if plan.measured else "sales"
