"""A target's plan: what is to be reached, by which sales, when, and at what pace; resolved once, when defined."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property

from domain import pace
from domain.metric import Metric
from domain.money import minor_units
from domain.period import Period
from domain.refusal import Refused
from domain.sale import DIMENSIONS_MAX, name_of, text_of
from domain.schedule import PlannedCheckpoint, parse_schedule

KINDS = ("cumulative",)
NAME_LENGTH_MAX = 200
SCOPE_VALUES_MAX = 1_000
TEAM_MAX = 100


@dataclass(frozen=True)
class Plan:
    """What TargetDefined says. Goal in minor units; instants in UTC, as the tz data of `tz_version` gave them."""

    name: str
    metric: str
    unit: str
    exponent: int
    kind: str
    goal: int
    start: date
    end: date
    time_zone: str
    tz_version: str
    scope: dict[str, list[str]]
    pacing: str
    midnights: list[datetime]
    """midnight(start) .. midnight(end + 1): one more than the period has days."""
    checkpoints: list[PlannedCheckpoint]
    steps: list[datetime]
    """The cut-offs at which an equal_steps pace steps; empty for other pacings."""
    schedule: str | list[str] | None = None
    owner: str | None = None
    team: list[str] | None = None
    parent: str | None = None

    @property
    def begins(self) -> datetime:
        return self.midnights[0]

    @property
    def ends(self) -> datetime:
        """The first instant after the period."""
        return self.midnights[-1]

    def slot_starts(self) -> list[datetime]:
        """Where the slots begin that a target keeps sums by: local midnights and cut-offs, in order."""
        cutoffs = (checkpoint.cutoff for checkpoint in self.checkpoints)
        return sorted({*self.midnights[:-1], *(cutoff for cutoff in cutoffs if cutoff < self.ends)})

    def last_cutoff(self, at: datetime) -> datetime | None:
        """The last cut-off that is past at this instant, if one is."""
        passed = bisect_right(self.cutoffs, at)
        return self.cutoffs[passed - 1] if passed else None

    @cached_property
    def cutoffs(self) -> list[datetime]:
        return [checkpoint.cutoff for checkpoint in self.checkpoints]

    def weight(self, at: datetime) -> Fraction:
        """W at one instant, as `curve()` has it."""
        if self.pacing == "equal_steps":
            return pace.weight_equal_steps(self.midnights, self.steps, at)
        return pace.weight_linear(self.midnights, self.cutoffs, at)

    def curve(self) -> pace.Curve:
        """The pace that the plan expects: W over time."""
        if self.pacing == "equal_steps":
            return pace.equal_steps(self.midnights, self.steps)
        return pace.linear(self.midnights, [checkpoint.cutoff for checkpoint in self.checkpoints])

    def day_of(self, instant: datetime) -> date:
        """The local day of an instant inside the period."""
        return self.start + timedelta(days=bisect_right(self.midnights, instant) - 1)


def plan_of(
    *,
    name: str,
    metric: Metric,
    goal: str,
    start: date,
    end: date,
    time_zone: str,
    tz_version: str,
    kind: str = "cumulative",
    scope: Mapping[str, Sequence[str]] | None = None,
    pacing: str | None = None,
    schedule: str | list[str] | None = None,
    owner: str | None = None,
    team: Sequence[str] = (),
    parent: str | None = None,
) -> Plan:
    """The plan that a definition says, with its instants resolved, or Refused with the field and the rule."""
    if not name.strip() or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise Refused("bad_name", f"a target's name has 1 to {NAME_LENGTH_MAX} printable characters", "/name")
    if kind not in KINDS:
        raise Refused("unknown_kind", f"a target is of kind {' or '.join(KINDS)}", "/kind")
    if parent is not None:
        raise Refused("unknown_parent", "targets have no parents: leave parent out, or null", "/parent")
    goal_minor = minor_units(goal, metric.exponent, field="/goal", signed=True)
    if goal_minor <= 0:
        raise Refused("goal_not_positive", "the goal of a cumulative target is more than zero", "/goal")
    if len(team) > TEAM_MAX:
        raise Refused("team_too_large", f"a team has up to {TEAM_MAX} people", "/team")
    period = Period(start, end, time_zone)
    chosen = pace.pacing_of(pacing, scheduled=schedule is not None)
    parsed = parse_schedule(schedule, period)
    midnights = list(period.midnights())
    checkpoints = list(parsed.checkpoints(period, chosen))
    cutoffs = [checkpoint.cutoff for checkpoint in checkpoints]
    return Plan(
        name=name,
        metric=metric.name,
        unit=metric.unit,
        exponent=metric.exponent,
        kind=kind,
        goal=goal_minor,
        start=start,
        end=end,
        time_zone=time_zone,
        tz_version=tz_version,
        scope=_scope_of(scope or {}),
        pacing=chosen,
        midnights=midnights,
        checkpoints=checkpoints,
        steps=pace.steps_of(midnights, cutoffs, parsed) if chosen == "equal_steps" else [],
        schedule=schedule,
        owner=None if owner is None else text_of(owner, "/owner"),
        team=[text_of(one, f"/team/{index}") for index, one in enumerate(team)],
        parent=parent,
    )


def _scope_of(scope: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    if len(scope) > DIMENSIONS_MAX:
        raise Refused("bad_scope", f"a scope has up to {DIMENSIONS_MAX} dimensions", "/scope")
    found: dict[str, list[str]] = {}
    for name, values in sorted(scope.items()):
        name_of(name, f"/scope/{name}")
        if not 0 < len(values) <= SCOPE_VALUES_MAX:
            raise Refused(
                "bad_scope",
                f"a dimension of a scope has 1 to {SCOPE_VALUES_MAX} values; leave it out for any",
                f"/scope/{name}",
            )
        found[name] = sorted({text_of(value, f"/scope/{name}/{index}") for index, value in enumerate(values)})
    return found
