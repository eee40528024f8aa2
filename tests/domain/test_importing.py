"""A year of targets from one table: what is good is made, what is not is said by line, column and rule."""

from typing import Any
from uuid import UUID

import pytest

from domain.application import Milemarker
from domain.importing import Import, Imported, Row
from domain.refusal import Refused
from domain.target import State, Target
from domain.target_tables import column_of, rows_of
from tests.memory import memory_app
from tests.words import NOW, resolving

ANA = "ana@example.com"
HEADER = "key,name,metric,unit,goal,start,end,time_zone,checkpoints,scope,activate"
MONTHS = [f"2027-{month:02},Month {month},revenue,USD,{month}000.00" for month in range(1, 13)]


def table(*lines: str, header: str = HEADER) -> list[Row]:
    return list(rows_of("\n".join((header, *lines))))


def year() -> list[str]:
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return [
        f"{said},2027-{number:02}-01,2027-{number:02}-{many},UTC,FREQ=WEEKLY;BYDAY=FR,region=emea|us;channel=web,true"
        for number, (said, many) in enumerate(zip(MONTHS, days, strict=True), 1)
    ]


def imported(app: Milemarker, rows: list[Row], *, dry_run: bool = False, seed: int = 1) -> list[Imported]:
    return Import(app, resolving(), seed=UUID(int=seed), dry_run=dry_run, by=ANA, at=NOW).take(rows)


def targets(app: Milemarker, found: list[Imported]) -> list[Target]:
    with app.writing() as log:
        loaded = log.targets([one.id for one in found if one.id is not None])
    return [loaded[one.id] for one in found if one.id in loaded]


def test_a_year_of_targets_comes_from_one_table() -> None:
    app = memory_app()

    found = imported(app, table(*year()))

    assert [(one.line, one.key, one.result) for one in found] == [
        (number + 1, f"2027-{number:02}", "made") for number in range(1, 13)
    ]
    made = targets(app, found)
    assert [one.plan.goal for one in made] == [number * 1000_00 for number in range(1, 13)]
    assert {str(one.plan.scope) for one in made} == {"{'channel': ['web'], 'region': ['emea', 'us']}"}
    assert {one.state for one in made} == {State.FILLING}


def test_the_same_table_again_changes_nothing() -> None:
    app = memory_app()
    imported(app, table(*year()))
    position = app.recorder.max_notification_id()

    again = imported(app, table(*year()), seed=2)

    assert {one.result for one in again} == {"unchanged"}
    assert app.recorder.max_notification_id() == position


def test_a_target_that_was_handed_over_meanwhile_is_the_same() -> None:
    app = memory_app()
    (first, *_) = imported(app, table(*year()))
    assert first.id is not None
    app.hand_over_target(first.id, "jo@example.com", None, "Ana is on leave", by=ANA, at=NOW)

    assert {one.result for one in imported(app, table(*year()))} == {"unchanged"}


def test_a_bad_row_is_said_with_its_line_and_column_and_the_good_ones_are_made() -> None:
    app, lines = memory_app(), year()
    lines[1] = lines[1].replace("2000.00", "2 thousand")
    lines[3] = lines[3].replace("2027-04-30", "2027-04-31")
    lines[5] = lines[5].replace("USD", "EUR")
    lines[7] = lines[7].replace("region=emea|us;", "region;")

    found = imported(app, table(*lines))

    bad = [(one.line, column_of(one.refused.field), one.refused.code) for one in found if one.refused is not None]
    assert bad == [
        (3, "goal", "amount_not_decimal"),
        (5, "end", "bad_date"),
        (7, "unit", "wrong_unit"),
        (9, "scope", "bad_scope"),
    ]
    assert len(targets(app, found)) == 8


def test_a_dry_run_says_the_same_and_makes_nothing() -> None:
    app, lines = memory_app(), year()
    lines[1] = lines[1].replace("2000.00", "2 thousand")
    lines.append(lines[0].replace("1000.00", "5.00"))

    tried = imported(app, table(*lines), dry_run=True)

    assert app.recorder.max_notification_id() is None
    assert [(one.line, one.result, one.id) for one in imported(app, table(*lines))] == [
        (one.line, one.result, one.id) for one in tried
    ]
    assert [one.line for one in tried if one.result == "refused"] == [3, 14]


def test_a_key_makes_one_target_whatever_else_the_row_says() -> None:
    app, lines = memory_app(), year()
    imported(app, table(lines[0]))

    (changed,) = imported(app, table(lines[0].replace("1000.00", "1.00")))

    assert changed.refused is not None
    assert (changed.refused.code, changed.refused.field) == ("key_reused", "/key")


def test_without_keys_the_seed_says_whether_it_is_the_same_import() -> None:
    app = memory_app()
    lines = [line.partition(",")[2] for line in year()]
    header = HEADER.partition(",")[2]

    first, again, another = (imported(app, table(*lines, header=header), seed=seed) for seed in (1, 1, 2))

    assert [{one.result for one in found} for found in (first, again, another)] == [{"made"}, {"unchanged"}, {"made"}]


def test_a_start_at_the_start_stays_a_draft_until_then() -> None:
    app = memory_app()

    (found,) = imported(app, table(year()[0].replace(",true", ",at_start")))

    assert [one.state for one in targets(app, [found])] == [State.DRAFT]


def test_every_kind_has_its_columns() -> None:
    app = memory_app()
    dated = "2027-01-01,2027-01-31,UTC"
    columns = (
        "name,start,end,time_zone,kind,metric,unit,goal,comparison.start,comparison.end,baseline,bounds.max,"
        "numerator.metric,numerator.unit,numerator.scope,denominator.metric,denominator.unit,pacing,pacing.by,"
        "pacing.weights,calendar.country,calendar.closed,team,thresholds.ahead,expect_data_every"
    )
    rows = table(
        f"Uplift,{dated},uplift,revenue,USD,+10 %,2026-01-01,2026-01-31,,,,,,,,weighted,weekday,MO=1;FR=2,,,a|b,1.1,24",
        f"Churn,{dated},from_to,churn,pieces,5,,,8",
        f"Stock,{dated},keep,stock,pieces,,,,,10",
        f"Rate,{dated},ratio,,,0.25,,,,,orders,pieces,returned=yes,visits,pieces",
        f"Open days,{dated},,revenue,USD,1.00,,,,,,,,,,business_days,,,US,SA|SU",
        header=columns,
    )

    found = imported(app, rows)

    assert [(one.name, one.refused) for one in found if one.refused is not None] == []
    uplift, *_, open_days = targets(app, found)
    assert (uplift.plan.percent, uplift.plan.team, uplift.plan.expect_data_every) == ("+10 %", ["a", "b"], 24)
    assert open_days.plan.calendar is not None
    assert open_days.plan.calendar.country == "US"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "no_header"),
        (",", "no_header"),
        ("name,gaol", "unknown_column"),
        ("name,goal,name", "column_twice"),
        ("pacing,pacing.kind", "column_twice"),
    ],
)
def test_a_header_that_names_no_columns_is_refused_as_a_whole(header: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        table("November", header=header)

    assert refused.value.code == code


def test_tables_are_read_as_spreadsheets_write_them() -> None:
    rows = table('"November;\nnet";USD;a|b', "", "  ;;", "December;EUR", header="\ufeffname; unit;team")

    assert [(one.line, dict(one.said)) for one in rows] == [
        (2, {"name": "November;\nnet", "unit": "USD", "team": ["a", "b"]}),
        (6, {"name": "December", "unit": "EUR"}),
    ]


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ("a,1,yes,", "/roll_up", "not_true_or_false"),
        ("a,x,true,", "/expect_data_every", "not_a_whole_number"),
        ("a,1,true,region", "/numerator/scope", "bad_scope"),
        ("a,1,true,,more", "", "too_many_cells"),
        ('"a', "", "bad_csv"),
    ],
)
def test_a_cell_that_can_not_be_read_is_said(line: str, field: str, code: str) -> None:
    (row,) = table(line, header="name,expect_data_every,roll_up,numerator.scope")

    assert row.refused is not None
    assert (row.refused.code, row.refused.field) == (code, field)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"activate": "soon"}, "bad_activate"),
        ({"key": "1", "id": "1"}, "two_keys"),
        ({"key": 1}, "not_text"),
        ({"parent": str(UUID(int=9))}, "unknown_parent"),
        ({"gaol": "1"}, "unknown_field"),
    ],
)
def test_a_row_that_can_be_no_target_says_why(said: dict[str, Any], code: str) -> None:
    good = {"name": "January", "metric": "revenue", "unit": "USD", "goal": "1.00", "time_zone": "UTC"}
    row = Row(1, good | {"start": "2027-01-01", "end": "2027-01-31"} | said)

    (found,) = imported(memory_app(), [row])

    assert found.refused is not None
    assert found.refused.code == code
