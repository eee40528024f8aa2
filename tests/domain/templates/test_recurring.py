"""Targets that recur: made ahead as drafts, started at their start, each once, whatever happened meanwhile."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.agenda import Errand
from domain.evaluating import Evaluator
from domain.filling import Filler
from domain.refusal import Refused
from domain.revising import Wish, revise_target
from domain.target import State
from domain.templates.template import Failure, Template, target_id_of
from tests.domain.facts import given, recorded
from tests.domain.templates.words import (
    ANA,
    DEFINED_AT,
    GRACE,
    TEMPLATE,
    made,
    resolving,
    states,
    template,
    templates,
    terms,
    until,
)
from tests.memory import memory_app

STARTS = datetime(2026, 12, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_target_is_a_draft_some_days_before_its_period_and_starts_with_it() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms(draft_days=7))

    until(app, datetime(2026, 11, 23, 23, 59, tzinfo=UTC))
    assert states(app) == []
    until(app, datetime(2026, 11, 24, tzinfo=UTC))
    assert states(app) == [("December 2026 revenue", "draft")]
    until(app, STARTS)
    assert states(app) == [("December 2026 revenue", "draft")], "sales of the eve are on their way"
    until(app, STARTS + GRACE)
    assert states(app) == [("December 2026 revenue", "filling")]


def test_a_made_target_is_known_with_its_template_and_the_version_of_its_terms() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())

    until(app, STARTS)

    (fact,) = app.recorder.select_notifications(1, 10, topics=["template.target_made"])
    said = app.mapper.to_domain_event(fact)
    assert isinstance(said, Template.TargetMade)
    assert said.target == target_id_of(TEMPLATE, date(2026, 12, 1))
    assert (said.start, said.end, said.template_version) == (date(2026, 12, 1), date(2026, 12, 31), 1)


@pytest.mark.parametrize(
    ("zone", "starts"),
    [
        ("UTC", "2026-12-01T00:00"),
        ("America/New_York", "2026-12-01T05:00"),
        ("Asia/Tokyo", "2026-11-30T15:00"),
        ("Asia/Kathmandu", "2026-11-30T18:15"),
        ("Pacific/Kiritimati", "2026-11-30T10:00"),
    ],
)
def test_a_months_turn_is_each_zones_own(zone: str, starts: str) -> None:
    app, turn = memory_app(), datetime.fromisoformat(starts).replace(tzinfo=UTC) + GRACE
    templates(app).define(TEMPLATE, terms({"time_zone": zone}))

    until(app, turn - timedelta(seconds=1))
    assert [state for _, state in states(app)] == ["draft"]
    until(app, turn)
    assert [state for _, state in states(app)] == ["filling"]


def test_a_week_begins_after_a_midnight_that_does_not_exist() -> None:
    app, gap = memory_app(), datetime(2026, 3, 28, 22, tzinfo=UTC)  # 0:00 becomes 1:00 in Beirut
    weekly = terms({"time_zone": "Asia/Beirut", "name": "Week of {start}"}, every="week", start=date(2026, 3, 29))
    templates(app, at=gap - timedelta(days=20)).define(TEMPLATE, weekly)

    until(app, gap + GRACE)

    assert states(app)[0] == ("Week of 2026-03-29", "filling")
    assert made(app)[0].plan.begins == gap


def test_what_was_missed_is_made_in_order_and_once() -> None:
    app, later = memory_app(), datetime(2027, 3, 10, tzinfo=UTC)
    templates(app).define(TEMPLATE, terms())

    for _ in range(3):
        until(app, later)

    names = ["December 2026", "January 2027", "February 2027", "March 2027"]
    assert states(app) == [(f"{name} revenue", "filling") for name in names]
    Filler(app).fill_some(later)
    while Evaluator(app, GRACE).evaluate_some(later, later, complete=True):
        continue
    assert [one.state for one in made(app)] == [State.CLOSED, State.CLOSED, State.CLOSED, State.ACTIVE]


def test_two_workers_make_one_target() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())

    until(app, STARTS + GRACE)
    with app.writing() as log:
        log.agenda.plan([*log.agenda.due(STARTS + timedelta(days=30), GRACE, [Errand.RECUR], 10)])
    until(app, STARTS + GRACE)

    assert len(made(app)) == 1


def test_changed_terms_leave_the_targets_alone_that_were_made() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())
    until(app, STARTS + GRACE)

    def raised(now: Any) -> Any:
        return terms({"goal": "2000.00", "name": "{month}"}, name=now.name)

    templates(app, STARTS + MINUTE).change(TEMPLATE, raised, "The shop in Oslo opened")
    until(app, datetime(2027, 1, 1, tzinfo=UTC) + GRACE)

    assert [(one.plan.name, one.plan.goal) for one in made(app)] == [
        ("December 2026 revenue", 1000_00),
        ("January", 2000_00),
    ]
    versions = app.recorder.select_notifications(1, 10, topics=["template.target_made"])
    assert [app.mapper.to_domain_event(one).template_version for one in versions] == [1, 2]  # type: ignore[attr-defined]


def test_another_recurrence_goes_on_after_what_was_made() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())
    until(app, STARTS)

    quarterly = terms({"name": "{quarter} {year}"}, every="quarter", start=date(2026, 10, 1))
    templates(app, STARTS).change(TEMPLATE, lambda _: quarterly)
    until(app, datetime(2027, 1, 1, tzinfo=UTC))

    assert [name for name, _ in states(app)] == ["December 2026 revenue", "Q1 2027"]


def test_a_change_that_changes_nothing_is_refused() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())

    with pytest.raises(Refused, match="so already"):
        templates(app).change(TEMPLATE, lambda now: now)


def test_a_change_says_what_is_other_than_before() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())

    changed, _ = templates(app).change(TEMPLATE, lambda _: terms({"goal": "2000.00"}, until=date(2027, 12, 1)))

    said = app.events.get(changed.id, gt=1)
    assert next(iter(said)).changes == {  # type: ignore[attr-defined]
        "until": {"from": None, "to": "2027-12-01"},
        "target.goal": {"from": "1000.00", "to": "2000.00"},
    }


def test_the_same_definition_again_changes_nothing_and_another_is_refused() -> None:
    app = memory_app()
    _, first = templates(app).define(TEMPLATE, terms())
    _, again = templates(app).define(TEMPLATE, terms())

    assert again == first
    with pytest.raises(Refused) as refused:
        templates(app).define(TEMPLATE, terms(every="week"))
    assert refused.value.code == "key_reused"


def test_an_archived_template_makes_nothing_more_and_its_draft_starts_all_the_same() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())
    until(app, STARTS - MINUTE)
    templates(app, STARTS).archive(TEMPLATE, "We plan by the quarter now")

    until(app, datetime(2027, 6, 1, tzinfo=UTC))

    assert states(app) == [("December 2026 revenue", "filling")]
    with pytest.raises(Refused) as refused:
        templates(app).change(TEMPLATE, lambda _: terms(every="week"))
    assert refused.value.code == "template_archived"


def test_after_its_last_day_nothing_is_on_the_agenda_any_more() -> None:
    app, late = memory_app(), datetime(2028, 1, 1, tzinfo=UTC)
    templates(app).define(TEMPLATE, terms(until=date(2027, 1, 1)))

    until(app, late)

    assert [name for name, _ in states(app)] == ["December 2026 revenue", "January 2027 revenue"]
    with app.writing() as log:
        assert log.agenda.due(late + timedelta(days=9_999), GRACE, [Errand.RECUR, Errand.START], 10) == []


def test_a_draft_that_was_cancelled_does_not_start_nor_come_again() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())
    until(app, STARTS - MINUTE)
    app.cancel_target(made(app)[0].id, "Closed over Christmas", by=ANA, at=STARTS - MINUTE)

    until(app, STARTS + GRACE)

    assert states(app) == [("December 2026 revenue", "cancelled")]


def test_a_target_that_can_not_be_made_is_said_once_and_tried_again_every_hour() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms({"calendar": {"country": "US"}, "pacing": {"kind": "business_days"}}))

    def unknown(country: str, subdivision: str | None, first: date, last: date) -> Mapping[date, str]:
        raise Refused("holidays_unknown", f"the holidays of {country} are known up to 2025", "/calendar/country")

    drafted = datetime(2026, 11, 24, tzinfo=UTC)
    for minutes in (0, 30, 60, 61):
        until(app, drafted + minutes * MINUTE, unknown)

    failure = template(app).failure
    assert failure is not None
    assert (failure.start, failure.code, failure.field) == (
        date(2026, 12, 1),
        "holidays_unknown",
        "/target/calendar/country",
    )
    assert len(app.recorder.select_notifications(1, 10, topics=["template.failed"])) == 1
    until(app, drafted + 90 * MINUTE)
    assert states(app) == [], "it waits for its hour"
    until(app, drafted + 121 * MINUTE)
    assert states(app) == [("December 2026 revenue", "draft")]
    assert template(app).failure is None


def test_a_template_leaves_no_mark_on_the_evaluation_of_targets() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())
    until(app, STARTS - MINUTE)

    done = Evaluator(app, GRACE).evaluate_some(STARTS + timedelta(days=1), STARTS, complete=True)

    assert done == 0
    until(app, STARTS + GRACE)
    assert states(app) == [("December 2026 revenue", "filling")]


def test_a_draft_that_was_moved_starts_at_its_new_start() -> None:
    app = memory_app()
    templates(app).define(TEMPLATE, terms())
    until(app, STARTS - MINUTE)
    wish = Wish({"start": date(2026, 12, 7)}, "We open a week later")
    revise_target(app, made(app)[0].id, wish, resolving(), by=ANA, at=STARTS - MINUTE)

    until(app, STARTS + GRACE)
    assert states(app) == [("December 2026 revenue", "draft")]
    until(app, datetime(2026, 12, 7, tzinfo=UTC) + GRACE)
    assert states(app) == [("December 2026 revenue", "filling")]


def test_for_the_same_reason_again_a_failure_is_no_news() -> None:
    failure = Failure(date(2026, 12, 1), "holidays_unknown", "none are known", "/target/calendar/country")
    failed = {"by": "templates", "failure": failure}
    known = given(
        Template, (Template.TemplateDefined, {"by": ANA, "terms": terms()}), (Template.TemplateFailed, failed)
    )

    known.fail(failure, by="templates", at=DEFINED_AT)

    assert recorded(known) == []
