"""What JSON says of a target is heard as it was said, and what it can't mean is refused with where it stands."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.calendar import Calendar
from domain.definition import Definition, Measure, Pacing, Versus
from domain.hearing import definition_from
from domain.pace import Weighting
from domain.refusal import Refused
from domain.saying import said_of
from tests.words import definition

DATED: dict[str, Any] = {"name": "November", "start": "2026-11-01", "end": "2026-11-30", "time_zone": "UTC"}


@pytest.mark.parametrize(
    "one",
    [
        definition(schedule="FREQ=WEEKLY;BYDAY=FR", scope={"region": ["emea", "us"]}, owner="ana@example.com"),
        definition(schedule=["2026-11-13", "2026-11-27"], team=["jo@example.com"], parent=UUID(int=5)),
        definition(pacing=Pacing("weighted", Weighting("weekday", {"MO": "1", "FR": "2.5"}))),
        definition(pacing=Pacing("explicit", points=[(date(2026, 11, 15), "60000.00"), (date(2026, 11, 30), "1.00")])),
        definition(calendar=Calendar(country="US", days={date(2026, 11, 27): "half"}), thresholds={"ahead": "1.1"}),
        definition(
            kind="uplift",
            goal="+10 %",
            comparison=Versus(date(2025, 11, 1), date(2025, 11, 30)),
            mode="level",
            align="same_weekday",
        ),
        definition(kind="keep", goal=None, bounds_min="1.00", bounds_max="2.00", pass_share="0.9"),
        definition(kind="from_to", baseline="8.00", goal="5.00", refunds="clawback", expect_data_every=24),
        definition(
            metric=None,
            kind="ratio",
            goal="0.05",
            numerator=Measure("orders", {"region": ["us"]}, "pieces"),
            denominator=Measure("visits", {}),
        ),
        definition(goal=None, roll_up=True, rate_table="2026"),
    ],
    ids=lambda one: one.kind,
)
def test_what_a_definition_says_is_heard_as_it_was_said(one: Definition) -> None:
    assert said_of(definition_from(said_of(one))) == said_of(one)


def test_null_is_as_good_as_left_out() -> None:
    assert definition_from(DATED | {"goal": None, "checkpoints": None}) == definition_from(DATED)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"gaol": "1"}, "unknown_field", "/gaol"),
        ({"a/b": "1"}, "unknown_field", "/a~1b"),
        ({"start": None}, "missing_field", "/start"),
        ({"start": "2026-11-31"}, "bad_date", "/start"),
        ({"end": "1 December"}, "bad_date", "/end"),
        ({"goal": 100}, "amount_not_text", "/goal"),
        ({"name": 1}, "not_text", "/name"),
        ({"scope": ["us"]}, "not_an_object", "/scope"),
        ({"scope": {"region": "us"}}, "not_a_list", "/scope/region"),
        ({"scope": {"region": ["us", 1]}}, "not_text", "/scope/region/1"),
        ({"pacing": "linear"}, "not_an_object", "/pacing"),
        ({"pacing": {"kind": "linear", "speed": "1"}}, "unknown_field", "/pacing/speed"),
        (
            {"pacing": {"kind": "explicit", "points": [{"date": "2026-11-15"}]}},
            "amount_not_text",
            "/pacing/points/0/value",
        ),
        ({"pacing": {"kind": "weighted", "by": "weekday"}}, "missing_field", "/pacing/weights"),
        ({"pacing": {"kind": "weighted", "weights": {"MO": "1"}}}, "missing_field", "/pacing/by"),
        ({"checkpoints": [1]}, "bad_schedule", "/checkpoints"),
        ({"bounds": {"max": 3}}, "amount_not_text", "/bounds/max"),
        ({"numerator": {"scope": {}}}, "missing_field", "/numerator/metric"),
        ({"comparison": {"start": "2025-11-01"}}, "not_text", "/comparison/end"),
        ({"calendar": {"closed": ["XX"]}}, "bad_calendar", "/calendar/closed/0"),
        ({"expect_data_every": "24"}, "not_a_whole_number", "/expect_data_every"),
        ({"roll_up": "yes"}, "not_true_or_false", "/roll_up"),
        ({"parent": "emea"}, "unknown_parent", "/parent"),
    ],
)
def test_what_it_does_not_know_is_refused_where_it_stands(said: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        definition_from(DATED | said)

    assert (refused.value.code, refused.value.field) == (code, field)
