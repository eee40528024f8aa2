"""Every kind of target over HTTP: defined, started, sold toward or measured, and shown with exact figures."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.documentation.definition_examples import DEFINITIONS
from tests.api.living import Living, definition, problem, sold
from tests.api.test_targets import defined, shown

DAY = timedelta(days=1)
JANUARY_14 = datetime(2017, 1, 14, 5, tzinfo=UTC)
"""Friday the 13th has ended in New York: half of four steps is due."""
YEAR_BEFORE = {"start": "2016-01-01", "end": "2016-01-31"}
FIGURES = ("actual", "expected", "variance", "pace_index", "progress", "goal", "live_status")


def figures(target: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(target[name] for name in FIGURES)


def takes(api: Living, *sales: dict[str, Any]) -> None:
    assert api.publisher.post("/v1/sales", json=list(sales)).json()["rejected"] == []


def expected_at_checkpoints(api: Living, target: str) -> set[str | None]:
    """What is expected at its checkpoints to come, and of each step to them."""
    items = api.manager.get(f"/v1/targets/{target}/checkpoints").json()["items"]
    return {expected for one in items for expected in (one["expected"], one["step"]["expected"])}


def measured(metric: str, id: str, level: str, day: int, unit: str = "USD") -> dict[str, Any]:
    at = f"2017-01-{day:02}T12:00:00-05:00"
    return sold(metric, id, level, kind="measurement", occurred_at=at, unit=unit)


@pytest.mark.parametrize("about", DEFINITIONS)
def test_every_definition_of_the_documentation_is_answered_as_it_was_said(api: Living, about: str) -> None:
    mine = uuid4().hex[:8]

    def of_its_own(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: f"{what}-{mine}" if name == "metric" else of_its_own(what) for name, what in value.items()}

    body = of_its_own(DEFINITIONS[about])
    answer = api.manager.post("/v1/targets", json=body)
    assert answer.status_code == 201, answer.text
    target = shown(api, answer.json()["id"])

    said = {name: what for name, what in body.items() if name not in ("goal", "activate")}
    if "numerator" in said:
        said["denominator"] = {"scope": {}} | said["denominator"]
    if "thresholds" in said:
        said["thresholds"] = {"ahead": "1.1000", "on_track": "1.0000", "at_risk": "0.9000"}
    if "calendar" in said:
        said["calendar"] = {"subdivision": None} | said["calendar"]
    assert {name: target[name] for name in said} == said


def test_an_uplift_gains_on_the_same_days_of_the_year_before(api: Living) -> None:
    metric = f"m{uuid4().hex[:12]}"
    days = (f"2016-01-{day:02}T12:00:00-05:00" for day in range(1, 32))
    takes(api, *(sold(metric, f"b{number}", "100.00", occurred_at=day) for number, day in enumerate(days)))
    target = defined(api, metric=metric, kind="uplift", goal="+10 %", comparison=YEAR_BEFORE)
    takes(api, sold(metric, "1", "1500.00"))
    api.time.now = JANUARY_14

    now = shown(api, target["id"])

    # 13 days of $100.00 are compared by then; of +10 % of $3,100.00 half is due.
    assert figures(now) == ("200.00", "155.00", "45.00", "1.2903", "0.6452", "310.00", "ahead")
    assert (now["mode"], now["align"], now["comparison"]) == ("gain", "same_date", YEAR_BEFORE)
    assert "partial" not in now


def test_an_uplift_by_level_has_the_whole_comparison_in_its_goal_and_says_what_is_partial(api: Living) -> None:
    metric = f"m{uuid4().hex[:12]}"
    takes(api, sold(metric, "b", "3000.00", occurred_at="2016-01-05T12:00:00-05:00"))
    target = defined(api, metric=metric, kind="uplift", mode="level", goal="200.00", comparison=YEAR_BEFORE)
    takes(api, sold(metric, "1", "1500.00"))
    api.time.now = JANUARY_14

    now = shown(api, target["id"])

    assert figures(now) == ("1500.00", "1600.00", "-100.00", "0.9375", "0.4688", "3200.00", "at_risk")
    assert now["partial"] is True


def test_an_uplift_over_nothing_has_no_baseline(api: Living) -> None:
    target = defined(api, kind="uplift", goal="+10 %", comparison=YEAR_BEFORE)
    api.time.now = JANUARY_14

    now = shown(api, target["id"])

    assert (now["status"], now["live_status"]) == ("no_baseline", "no_baseline")
    assert (now["expected"], now["pace_index"], now["required_rate"]["amount"]) == (None, None, None)
    assert (now["goal"], now["next_checkpoint"]["expected"]) == (None, None)
    assert expected_at_checkpoints(api, target["id"]) == {None}


@pytest.mark.parametrize(
    ("baseline", "goal", "level", "expected"),
    [
        ("8.00", "5.00", "6.00", ("6.00", "6.50", "0.50", "1.3333", "0.6667", "5.00", "ahead")),
        ("5.00", "8.00", "6.00", ("6.00", "6.50", "-0.50", "0.6667", "0.3333", "8.00", "off_track")),
    ],
    ids=["down", "up"],
)
def test_a_level_moves_from_its_baseline_to_its_goal(
    api: Living, baseline: str, goal: str, level: str, expected: tuple[str, ...]
) -> None:
    target = defined(api, kind="from_to", baseline=baseline, goal=goal)
    takes(api, measured(target["metric"], "2", level, 10), measured(target["metric"], "1", "99.00", 3))
    api.time.now = JANUARY_14

    now = shown(api, target["id"])

    assert figures(now) == expected
    assert now["baseline"] == baseline


def test_a_level_is_kept_inside_its_bounds(api: Living) -> None:
    target = defined(api, kind="keep", goal=None, bounds={"min": "2.00", "max": "5.00"}, pass_share="0.9")
    api.time.now = JANUARY_14
    unmeasured = shown(api, target["id"])
    takes(api, measured(target["metric"], "1", "5.50", 3))
    outside = shown(api, target["id"])
    takes(api, measured(target["metric"], "2", "5.00", 4))

    inside = shown(api, target["id"])

    assert figures(unmeasured)[:3] == (None, None, None)
    assert expected_at_checkpoints(api, target["id"]) == {None}
    assert (outside["actual"], outside["expected"], outside["variance"]) == ("5.50", "5.00", "-0.50")
    assert (outside["live_status"], inside["live_status"]) == ("off_track", "on_track")
    assert (inside["goal"], inside["bounds"], inside["pass_share"]) == (None, {"min": "2.00", "max": "5.00"}, "0.9")


def test_a_ratio_divides_sum_by_sum_and_expects_its_goal_all_the_time(api: Living) -> None:
    orders, mine = f"m{uuid4().hex[:12]}", {"unit": "pieces"}
    body = definition(
        metric=None,
        unit=None,
        kind="ratio",
        goal="0.25",
        numerator={"metric": orders, "scope": {"returned": ["yes"]}} | mine,
        denominator={"metric": orders} | mine,
    )
    target = api.manager.post("/v1/targets", json=body).json()
    returned = {"dimensions": {"returned": "yes"}} | mine
    takes(api, sold(orders, "1", "3", **returned), sold(orders, "2", "1", **mine), sold(orders, "3", "6", **mine))
    api.time.now = JANUARY_14

    now = shown(api, target["id"])

    assert figures(now) == ("0.300000", "0.250000", "0.050000", "1.2000", "1.2000", "0.250000", "ahead")
    assert now["unit"] == "ratio"


def test_open_days_come_from_the_calendar_and_its_holidays(api: Living) -> None:
    calendar = {"closed": ["SA", "SU"], "country": "US", "days": {"2017-01-31": "half"}}
    target = defined(api, goal="20500.00", pacing={"kind": "business_days"}, calendar=calendar)
    takes(api, sold(target["metric"], "1", "9000.00"))
    api.time.now = JANUARY_14

    now = shown(api, target["id"])

    # 22 weekdays without 2 January (New Year observed) and Martin Luther King's 16th, and the last one by half: 19.5
    assert now["expected"] == "9461.54"  # 9 of 19.5
    assert now["required_rate"] == {"per": "open_day", "amount": "1095.24"}  # $11,500.00 in 10.5 days
    assert now["current_rate"] == {"per": "open_day", "amount": "1000.00"}
    assert now["catch_up_factor"] == "1.0952"


def test_a_target_that_says_how_often_data_must_come_is_stale_without(api: Living) -> None:
    now = datetime.now(UTC)  # ingest, which counts what was sold before, goes by the clock
    days = {"start": (now - DAY).date().isoformat(), "end": (now + 30 * DAY).date().isoformat()}
    target = defined(api, expect_data_every=24, **days)
    shown(api, target["id"])

    api.time.now = now + 25 / 24 * DAY

    assert shown(api, target["id"])["live_status"] == "stale"


POINTS = [{"date": "2017-01-15", "value": "500.00"}]
UPLIFT = {"kind": "uplift", "goal": "+10 %", "comparison": YEAR_BEFORE}
RATIO = {
    "kind": "ratio",
    "metric": None,
    "unit": None,
    "goal": "0.5",
    "numerator": {"metric": "returns-there", "unit": "pieces"},
    "denominator": {"metric": "orders-there", "unit": "pieces"},
}
KEEP = {"kind": "keep", "goal": None, "bounds": {"max": "5.00"}}
WEIGHTED = {"kind": "weighted", "by": "weekday", "weights": {"MO": "1"}}

WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "an uplift without a comparison": ({"kind": "uplift"}, "missing_field", "/comparison"),
    "a comparison of a sum": ({"comparison": YEAR_BEFORE}, "not_of_kind", "/comparison"),
    "a comparison that is not over": (
        UPLIFT | {"comparison": {"start": "2016-12-05", "end": "2017-01-04"}},
        "comparison_not_before",
        "/comparison/end",
    ),
    "a comparison without an end": (
        UPLIFT | {"comparison": {"start": "2016-01-01"}},
        "missing_field",
        "/comparison/end",
    ),
    "a comparison on no day": (
        UPLIFT | {"comparison": {"start": "2016-01-01", "end": "2016-02-30"}},
        "bad_date",
        "/comparison/end",
    ),
    "an alignment that there is none of": (UPLIFT | {"align": "by_moon"}, "unknown_alignment", "/align"),
    "an alignment that meets nothing": (
        UPLIFT | {"comparison": {"start": "2016-02-10", "end": "2016-02-20"}, "start": "2017-01-25"},
        "alignment_misses",
        "/align",
    ),
    "an alignment without a comparison": ({"align": "same_date"}, "not_of_kind", "/align"),
    "a mode that there is none of": (UPLIFT | {"mode": "both"}, "unknown_mode", "/mode"),
    "a mode of a sum": ({"mode": "gain"}, "not_of_kind", "/mode"),
    "an uplift of nothing": (UPLIFT | {"goal": "0.00"}, "goal_not_positive", "/goal"),
    "an uplift of no percent": (UPLIFT | {"goal": "+0 %"}, "bad_goal", "/goal"),
    "a percent of a sum": ({"goal": "10 %"}, "amount_not_decimal", "/goal"),
    "a level from nowhere": ({"kind": "from_to"}, "missing_field", "/baseline"),
    "a level that is there": ({"kind": "from_to", "baseline": "1000.00"}, "goal_is_baseline", "/goal"),
    "a baseline of a sum": ({"baseline": "1.00"}, "not_of_kind", "/baseline"),
    "nothing to keep": ({"kind": "keep", "goal": None}, "missing_field", "/bounds"),
    "bounds without bounds": (KEEP | {"bounds": {}}, "missing_field", "/bounds"),
    "bounds the wrong way round": (KEEP | {"bounds": {"min": "6.00", "max": "5.00"}}, "bad_bounds", "/bounds/min"),
    "bounds of a sum": ({"bounds": {"min": "1.00"}}, "not_of_kind", "/bounds"),
    "a bound as a number": (KEEP | {"bounds": {"max": 5}}, "amount_not_text", "/bounds/max"),
    "a goal of what is kept": (KEEP | {"goal": "1.00"}, "not_of_kind", "/goal"),
    "a share over one": (KEEP | {"pass_share": "1.1"}, "bad_pass_share", "/pass_share"),
    "a ratio of nothing": (RATIO | {"numerator": None}, "missing_field", "/numerator"),
    "a ratio with a metric of its own": (RATIO | {"metric": "orders"}, "not_of_kind", "/metric"),
    "a part that nobody knows": (
        RATIO | {"denominator": {"metric": "never-heard-of"}},
        "unknown_metric",
        "/denominator/metric",
    ),
    "a part in no unit": (
        RATIO | {"denominator": {"metric": "never-heard-of", "unit": "usd"}},
        "unknown_unit",
        "/denominator/unit",
    ),
    "a part with an empty scope": (
        RATIO | {"numerator": {"metric": "returns-there", "unit": "pieces", "scope": {"why": []}}},
        "bad_scope",
        "/numerator/scope/why",
    ),
    "weights that are not said": ({"pacing": {"kind": "weighted"}}, "missing_field", "/pacing/weights"),
    "weights of nothing": ({"pacing": {"kind": "weighted", "by": "week"}}, "missing_field", "/pacing/weights"),
    "weights by the moon": ({"pacing": WEIGHTED | {"by": "moon"}}, "bad_weights", "/pacing/by"),
    "a weight of no day": ({"pacing": WEIGHTED | {"weights": {"XX": "1"}}}, "bad_weights", "/pacing/weights/XX"),
    "weights below nothing": ({"pacing": WEIGHTED | {"weights": {"MO": "-1"}}}, "bad_weights", "/pacing/weights/MO"),
    "weights that are numbers": ({"pacing": WEIGHTED | {"weights": {"MO": 1}}}, "bad_weights", "/pacing/weights"),
    "weights that come to nothing": (
        {"pacing": WEIGHTED | {"weights": {"MO": "0"}}},
        "undefined_pace",
        "/pacing/weights",
    ),
    "weights of another pacing": ({"pacing": WEIGHTED | {"kind": "linear"}}, "not_of_kind", "/pacing/weights"),
    "points that are not said": ({"pacing": {"kind": "explicit"}}, "missing_field", "/pacing/points"),
    "a point outside": (
        {"pacing": {"kind": "explicit", "points": [{"date": "2017-02-01", "value": "1.00"}]}},
        "bad_points",
        "/pacing/points/0/date",
    ),
    "a point that falls back": (
        {"pacing": {"kind": "explicit", "points": [*POINTS, {"date": "2017-01-20", "value": "400.00"}]}},
        "bad_points",
        "/pacing/points/1/value",
    ),
    "a point on no day": (
        {"pacing": {"kind": "explicit", "points": [{"date": "2017-01-32", "value": "1.00"}]}},
        "bad_date",
        "/pacing/points/0/date",
    ),
    "points of what has no way": (
        RATIO | {"pacing": {"kind": "explicit", "points": POINTS}},
        "not_of_kind",
        "/pacing/kind",
    ),
    "last year's pace of a level": (KEEP | {"pacing": {"kind": "last_year"}}, "not_of_kind", "/pacing/kind"),
    "a country that there is none of": ({"calendar": {"country": "XX"}}, "unknown_country", "/calendar/country"),
    "a subdivision that there is none of": (
        {"calendar": {"country": "US", "subdivision": "XX"}},
        "unknown_subdivision",
        "/calendar/subdivision",
    ),
    "a weekday that there is none of": ({"calendar": {"closed": ["XX"]}}, "bad_calendar", "/calendar/closed/0"),
    "a day that is neither": (
        {"calendar": {"days": {"2017-01-05": "shut"}}},
        "bad_calendar",
        "/calendar/days/2017-01-05",
    ),
    "no open day": (
        {
            "pacing": {"kind": "business_days"},
            "calendar": {"closed": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]},
        },
        "no_open_day",
        "/pacing",
    ),
    "thresholds the wrong way round": (
        {"thresholds": {"ahead": "0.9"}},
        "bad_thresholds",
        "/thresholds/ahead",
    ),
    "a threshold as a number": ({"thresholds": {"ahead": 1.1}}, "not_text", "/thresholds/ahead"),
    "refunds as you like": ({"refunds": "never"}, "unknown_refunds", "/refunds"),
    "data every now and then": ({"expect_data_every": 0}, "bad_expectation", "/expect_data_every"),
    "a roll-up with a goal of its own": ({"roll_up": True}, "roll_up_has_none", "/goal"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_definition_of_a_kind_is_refused_by_field(api: Living, name: str) -> None:
    change, code, pointer = WRONG[name]

    told = problem(api.manager.post("/v1/targets", json=definition(**change)), 422, code)

    assert [(one["pointer"], one["code"]) for one in told["errors"]] == [(pointer, code)]
