"""What people say of a target, and the plan that it comes to: every rule of a definition is checked here, once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain import pace
from domain.calendar import Calendar, Holidays, open_days
from domain.comparison import Comparison, comparison_of, uplift_percent, year_before
from domain.definition import Definition, Measure, Scope, Versus
from domain.metric import Metric, metric_in
from domain.money import minor_units
from domain.pace import Point
from domain.period import Period
from domain.plan import (
    CLAWBACK,
    CUMULATIVE,
    FROM_TO,
    GAIN,
    KEEP,
    KINDS,
    MODES,
    OWN_DATE,
    RATIO,
    RATIO_PLACES,
    REFUNDS,
    UPLIFT,
    Bounds,
    Part,
    Plan,
)
from domain.refusal import Refused
from domain.sale import DIMENSIONS_MAX, name_of, text_of
from domain.schedule import parse_schedule
from domain.standing import thresholds_of, thresholds_shown

NAME_LENGTH_MAX = 200
SCOPE_VALUES_MAX = 1_000
TEAM_MAX = 100
EXPECT_HOURS_MAX = 24 * 366
RATIO_UNIT = "ratio"
ROLL_UP = "roll_up"
"""The pacing of a plan that expects what its members expect."""


ONLY_OF = {
    "baseline": (FROM_TO,),
    "bounds_min": (KEEP,),
    "bounds_max": (KEEP,),
    "pass_share": (KEEP,),
    "numerator": (RATIO,),
    "denominator": (RATIO,),
    "mode": (UPLIFT,),
}
"""Which kinds a field is for; elsewhere it is refused."""
POINTERS = {"bounds_min": "/bounds", "bounds_max": "/bounds"}


def no_holidays(country: str, subdivision: str | None, first: date, last: date) -> Mapping[date, str]:
    """For whoever has no calendar of holidays at hand: every country is unknown."""
    raise Refused("unknown_country", f"no holidays are known of {country}", "/calendar/country")


@dataclass(frozen=True)
class Resolving:
    """What a plan is resolved with: the known metrics, and what a time zone and a country are at this time."""

    metrics: Mapping[str, Metric]
    tz_version: Callable[[str], str]
    holidays: Holidays = no_holidays


def plan_of(said: Definition, known: Resolving) -> Plan:
    """The plan that a definition says, with its instants resolved, or Refused with the field and the rule."""
    if not said.name.strip() or len(said.name) > NAME_LENGTH_MAX or not said.name.isprintable():
        raise Refused("bad_name", f"a target's name has 1 to {NAME_LENGTH_MAX} printable characters", "/name")
    _check_kind(said)
    period = Period(said.start, said.end, said.time_zone)
    plan = _counting(said, known, period)
    plan = _reaching(said, plan)
    calendar = said.calendar
    chosen = pace.pacing_of(None if said.pacing is None else said.pacing.kind, scheduled=said.checkpoints is not None)
    if chosen == "business_days" and calendar is None:
        calendar = Calendar()
    opened = None if calendar is None else open_days(calendar, said.start, said.end, known.holidays)
    plan = replace(
        plan,
        calendar=calendar,
        halves=None if opened is None else opened.halves,
        holidays=None if opened is None else opened.names,
        comparison=_comparison(said, known, period, calendar, chosen),
        thresholds=_thresholds(said.thresholds),
        refunds=_refunds(said),
        expect_data_every=_expected_data(said.expect_data_every),
    )
    return _checked_pace(_paced(said, plan, period, chosen))


def _check_kind(said: Definition) -> None:
    if said.kind not in KINDS:
        raise Refused("unknown_kind", f"a target is of kind {', '.join(KINDS)}", "/kind")
    for name, kinds in ONLY_OF.items():
        if getattr(said, name) is not None and said.kind not in kinds:
            pointer = POINTERS.get(name, f"/{name}")
            raise Refused("not_of_kind", f"{pointer[1:]} is for {' and '.join(kinds)} targets alone", pointer)
    if said.roll_up and said.kind not in (CUMULATIVE, RATIO):
        raise Refused("not_of_kind", "a roll-up is cumulative or a ratio: levels of children don't add up", "/roll_up")
    if said.rate_table is not None and not (said.roll_up and said.kind == CUMULATIVE):
        raise Refused("not_of_kind", "a rate_table is for roll-ups of cumulative targets", "/rate_table")
    if said.roll_up:
        _check_roll_up(said)


def _check_roll_up(said: Definition) -> None:
    """A roll-up has what its members have, but for a ratio's goal: percentages are never added up."""
    own = {
        "goal": said.kind == CUMULATIVE and said.goal is not None,
        "scope": bool(said.scope),
        "numerator/scope": said.numerator is not None and bool(said.numerator.scope),
        "denominator/scope": said.denominator is not None and bool(said.denominator.scope),
        "pacing": said.pacing is not None,
        "refunds": said.refunds != OWN_DATE,
    }
    for name, given in own.items():
        if given:
            part = name.rpartition("/")[2]
            detail = f"a roll-up has no {part} of its own: its members' count. Leave out {part}, or leave out roll_up"
            raise Refused("roll_up_has_none", detail, f"/{name}")


def _counting(said: Definition, known: Resolving, period: Period) -> Plan:
    """The plan with what counts toward it, and nothing yet of what it is to reach."""
    numerator = denominator = None
    scope = _scope_of(said.scope or {}, "/scope")
    if said.kind == RATIO:
        for name in ("metric", "unit", "scope"):
            if getattr(said, name):
                raise Refused("not_of_kind", f"a ratio says {name} in its numerator and denominator", f"/{name}")
        numerator, denominator = (
            _part(getattr(said, name), known, f"/{name}") for name in ("numerator", "denominator")
        )
        metric = Metric(numerator.metric, RATIO_UNIT, RATIO_PLACES)
        scope = numerator.scope
    else:
        for name in ("metric", "unit"):
            if getattr(said, name) is None:
                raise Refused("missing_field", f"a {said.kind} target has a {name}", f"/{name}")
        metric = metric_in(known.metrics, name_of(said.metric, "/metric"), said.unit or "")
    return Plan(
        name=said.name,
        metric=metric.name,
        unit=metric.unit,
        exponent=metric.exponent,
        kind=said.kind,
        goal=0,
        start=said.start,
        end=said.end,
        time_zone=said.time_zone,
        tz_version=known.tz_version(said.time_zone),
        scope=scope,
        pacing="",
        midnights=list(period.midnights()),
        checkpoints=[],
        steps=[],
        schedule=said.checkpoints,
        owner=None if said.owner is None else text_of(said.owner, "/owner"),
        team=_team_of(said.team),
        parent=None if said.parent is None else str(said.parent),
        numerator=numerator,
        denominator=denominator,
        roll_up=said.roll_up or None,
        rate_table=said.rate_table,
    )


def people_of(owner: str, team: Sequence[str] | None) -> tuple[str, list[str] | None]:
    """An owner and a team as a plan has them, or Refused; None: the team that there is."""
    return text_of(owner, "/owner"), None if team is None else _team_of(team)


def _team_of(team: Sequence[str]) -> list[str]:
    if len(team) > TEAM_MAX:
        raise Refused("team_too_large", f"a team has up to {TEAM_MAX} people", "/team")
    return [text_of(one, f"/team/{index}") for index, one in enumerate(team)]


def _part(said: Measure | None, known: Resolving, field: str) -> Part:
    if said is None:
        raise Refused("missing_field", f"a ratio has a {field[1:]}: its metric and its scope", field)
    name = name_of(said.metric, f"{field}/metric")
    if said.unit is None and name not in known.metrics:
        detail = f"nothing of {name} is known yet: say its unit, or define it with PUT /v1/metrics/{name}"
        raise Refused("unknown_metric", detail, f"{field}/metric")
    try:
        metric = metric_in(known.metrics, name, said.unit) if said.unit is not None else known.metrics[name]
    except Refused as refused:
        raise Refused(refused.code, refused.detail, f"{field}{refused.field}") from None
    return Part(metric.name, metric.unit, metric.exponent, _scope_of(said.scope, f"{field}/scope"))


def _reaching(said: Definition, plan: Plan) -> Plan:
    """The plan with its goal, and what it comes from."""
    if said.kind == KEEP:
        return _keeping(said, plan)
    if said.roll_up and said.kind == CUMULATIVE:
        return plan
    if said.goal is None:
        raise Refused("missing_field", f"a {said.kind} target has a goal", "/goal")
    if said.kind == UPLIFT:
        return _uplifting(said, said.goal, plan)
    if "%" in said.goal:
        share = 'a ratio\'s goal is a fraction, such as "0.25" for 25 %'
        detail = (
            share if said.kind == RATIO else "a percentage is the goal of an uplift alone: say an amount, or uplift"
        )
        raise Refused("amount_not_decimal", detail, "/goal")
    goal = minor_units(said.goal, plan.exponent, field="/goal", signed=True)
    if said.kind == FROM_TO:
        if said.baseline is None:
            raise Refused("missing_field", "a from_to target says where it comes from: its baseline", "/baseline")
        baseline = minor_units(said.baseline, plan.exponent, field="/baseline", signed=True)
        if baseline == goal:
            raise Refused("goal_is_baseline", "the goal differs from the baseline: there is nothing to reach", "/goal")
        return replace(plan, goal=goal, baseline=baseline)
    if goal <= 0:
        raise Refused("goal_not_positive", f"the goal of a {said.kind} target is more than zero", "/goal")
    return replace(plan, goal=goal)


def _uplifting(said: Definition, goal: str, plan: Plan) -> Plan:
    if said.comparison is None:
        raise Refused("missing_field", "an uplift says which period it is compared with", "/comparison")
    mode = said.mode or GAIN
    if mode not in MODES:
        raise Refused("unknown_mode", f"the mode of an uplift is {' or '.join(MODES)}", "/mode")
    if "%" in goal:
        uplift_percent(goal)
        return replace(plan, percent=goal, mode=mode)
    try:
        delta = minor_units(goal.removeprefix("+"), plan.exponent, field="/goal", signed=True)
    except Refused as refused:
        detail = f'{refused.detail}; a percentage is said as "+10 %"'
        raise Refused(refused.code, detail, refused.field) from None
    if delta <= 0:
        raise Refused("goal_not_positive", "an uplift is over zero: so much more, or so many percent more", "/goal")
    return replace(plan, goal=delta, mode=mode)


def _keeping(said: Definition, plan: Plan) -> Plan:
    if said.goal is not None:
        raise Refused("not_of_kind", "a keep target has bounds, and no goal", "/goal")
    if said.bounds_min is None and said.bounds_max is None:
        raise Refused(
            "missing_field", "a keep target says where it is to stay: bounds with min, max or both", "/bounds"
        )
    low, high = (
        None if text is None else minor_units(text, plan.exponent, field=f"/bounds/{name}", signed=True)
        for name, text in (("min", said.bounds_min), ("max", said.bounds_max))
    )
    if low is not None and high is not None and low > high:
        raise Refused("bad_bounds", "the lower bound is not above the upper one", "/bounds/min")
    if said.pass_share is not None:
        share = minor_units(said.pass_share, RATIO_PLACES, field="/pass_share")
        if not 0 < share <= 10**RATIO_PLACES:
            raise Refused(
                "bad_pass_share", 'pass_share is decimal text over 0 and up to 1, such as "0.9"', "/pass_share"
            )
    return replace(plan, bounds=Bounds(low, high), pass_share=said.pass_share)


def _comparison(
    said: Definition, known: Resolving, period: Period, calendar: Calendar | None, pacing: str
) -> Comparison | None:
    versus = said.comparison
    if versus is None:
        if said.align is not None and pacing != "last_year":
            raise Refused("not_of_kind", "align says how a comparison is laid beside the period: name one", "/align")
        if pacing != "last_year":
            return None
        versus = Versus(*year_before(said.start, said.end))
    elif said.kind != UPLIFT and pacing != "last_year":
        raise Refused("not_of_kind", "a comparison is for uplift targets, and for the pacing last_year", "/comparison")
    if pacing == "last_year" and said.kind not in (CUMULATIVE, UPLIFT):
        raise Refused("not_of_kind", "last year's profile is one of sales: for cumulative and uplift", "/pacing/kind")
    halves = None
    if calendar is not None and versus.start <= versus.end:
        halves = open_days(calendar, versus.start, versus.end, known.holidays).halves
    return comparison_of(versus.start, versus.end, said.align or "same_date", period=period, halves=halves)


def _paced(said: Definition, plan: Plan, period: Period, chosen: str) -> Plan:
    pacing = said.pacing
    if chosen == "weighted" and (pacing is None or pacing.weighting is None):
        raise Refused("missing_field", "a weighted pacing says by what, and its weights", "/pacing/weights")
    if chosen == "explicit" and (pacing is None or pacing.points is None):
        raise Refused("missing_field", "an explicit pacing says its points", "/pacing/points")
    if pacing is not None and pacing.weighting is not None and chosen != "weighted":
        raise Refused("not_of_kind", "weights are for the pacing weighted", "/pacing/weights")
    if pacing is not None and pacing.points is not None and chosen != "explicit":
        raise Refused("not_of_kind", "points are for the pacing explicit", "/pacing/points")
    if chosen == "explicit" and said.kind in (KEEP, RATIO):
        detail = "points are amounts on the way from the baseline to the goal: this target has none to lay them on"
        raise Refused("not_of_kind", detail, "/pacing/kind")
    parsed = parse_schedule(said.checkpoints, period)
    checkpoints = list(parsed.checkpoints(period, chosen))
    cutoffs = [one.cutoff for one in checkpoints]
    points = None
    if chosen == "explicit":
        assert pacing is not None
        assert pacing.points is not None
        points = [
            Point(day, minor_units(value, plan.exponent, field=f"/pacing/points/{number}/value", signed=True))
            for number, (day, value) in enumerate(pacing.points)
        ]
    return replace(
        plan,
        pacing=ROLL_UP if plan.sums_up else chosen,
        checkpoints=checkpoints,
        steps=pace.steps_of(plan.midnights, cutoffs, parsed) if chosen == "equal_steps" else [],
        weighting=None if pacing is None else pacing.weighting,
        points=points,
    )


def _checked_pace(plan: Plan) -> Plan:
    """The plan, once its pace is found to be defined: whatever it can't be is refused here and never later."""
    plan.curve()
    if plan.points is not None and plan.awaits_comparison:
        # Its goal is not known yet; all else that is to be said of its points is.
        highest = max((one.value for one in plan.points), default=0)
        pace.running_of_points(plan.points, plan.start, plan.end, plan.baseline, max(1, highest))
    return plan


def _thresholds(said: Mapping[str, str | None] | None) -> dict[str, str] | None:
    if said is None:
        return None
    ahead, on_track, at_risk = (said.get(name) for name in ("ahead", "on_track", "at_risk"))
    return thresholds_shown(thresholds_of(ahead, on_track, at_risk))


def _refunds(said: Definition) -> str:
    if said.refunds not in REFUNDS:
        raise Refused("unknown_refunds", f"refunds count on their {OWN_DATE}, or by {CLAWBACK}", "/refunds")
    return said.refunds


def _expected_data(hours: int | None) -> int | None:
    if hours is not None and not 1 <= hours <= EXPECT_HOURS_MAX:
        detail = f"data is expected every 1 to {EXPECT_HOURS_MAX:,} hours"
        raise Refused("bad_expectation", detail, "/expect_data_every")
    return hours


def _scope_of(scope: Scope, field: str) -> dict[str, list[str]]:
    if len(scope) > DIMENSIONS_MAX:
        raise Refused("bad_scope", f"a scope has up to {DIMENSIONS_MAX} dimensions", field)
    found: dict[str, list[str]] = {}
    for name, values in sorted(scope.items()):
        name_of(name, f"{field}/{name}")
        if not 0 < len(values) <= SCOPE_VALUES_MAX:
            raise Refused(
                "bad_scope",
                f"a dimension of a scope has 1 to {SCOPE_VALUES_MAX} values; leave it out for any",
                f"{field}/{name}",
            )
        found[name] = sorted({text_of(value, f"{field}/{name}/{index}") for index, value in enumerate(values)})
    return found
