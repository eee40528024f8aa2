"""The judge is judged: the plain figures give the golden vectors, and what can be counted on fingers."""

import ast
import gzip
import json
import sys
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.plain_figures import __main__ as command
from tests.plain_figures import pacings
from tests.plain_figures.comparison import Comparison, gains, levels, uplift
from tests.plain_figures.dates import aligned, checkpoints, days_between, step_days
from tests.plain_figures.figures import class_of, four_places, is_too_early, outcome, readings, verdicts
from tests.plain_figures.sales import day_of, net_by_day, standing_sales

VECTORS = json.loads((Path(__file__).parent / "domain" / "semantics_vectors.json").read_text())
START, END = date(2017, 2, 1), date(2017, 2, 28)
FRIDAYS = "FREQ=WEEKLY;BYDAY=FR"


def of_kind(kind: str) -> pytest.MarkDecorator:
    found = [vector for vector in VECTORS if vector["kind"] == kind]
    return pytest.mark.parametrize("vector", found, ids=[vector["name"] for vector in found])


def day(said: str) -> date:
    return date.fromisoformat(said)


@of_kind("expected")
def test_expected_values_are_the_golden_ones(vector: dict[str, Any]) -> None:
    start, end, rule = day(vector["start"]), day(vector["end"]), vector["checkpoints"]
    weights = {
        "equal_steps": lambda: pacings.equal_steps(start, end, step_days(rule, start, end)),
        "linear": lambda: pacings.linear(start, end),
        "business_days": lambda: pacings.business_days(start, end, vector["closed"]),
    }[vector["pacing"]]()

    assert {said: round(vector["goal_minor"] * weights[day(said)]) for said in vector["expected"]} == vector["expected"]
    if "evaluations" in vector:
        judged = checkpoints(rule, start, end, vector["pacing"])
        assert [each.isoformat() for each in judged] == vector["evaluations"]
        assert judged[-1] == day(vector["closing"])


@of_kind("expected_profile")
def test_a_profile_gives_the_golden_values(vector: dict[str, Any]) -> None:
    running = vector["profile_minor"]
    days = days_between(START, START + timedelta(days=len(running) - 1))
    net = {each: now - before for each, now, before in zip(days, running, [0, *running], strict=False)}

    weights = pacings.last_year(Comparison(days[0], days[-1], net, "same_date", days[0], days[-1]))

    assert [round(vector["goal_minor"] * weights[each]) for each in days] == vector["expected_list"]


@of_kind("align")
def test_alignments_are_the_golden_ones(vector: dict[str, Any]) -> None:
    tau = aligned(day(vector["day"]), vector["how"], day(vector["start"]), day(vector["comparison_start"]))

    assert tau == day(vector["gives"])


@of_kind("status")
def test_classes_are_the_golden_ones(vector: dict[str, Any]) -> None:
    actual, expected = vector["actual_minor"], vector["expected_minor"]

    given = class_of(vector["previous"], Fraction(actual, expected), Fraction(expected - actual), vector["span_minor"])

    assert given == vector["gives"]


def test_it_is_too_early_for_two_checkpoints_below_a_tenth_and_wherever_nothing_is_expected() -> None:
    assert is_too_early(Fraction(99, 1000), evaluated=1)
    assert not is_too_early(Fraction(99, 1000), evaluated=2)
    assert not is_too_early(Fraction(1, 10), evaluated=0)
    assert is_too_early(Fraction(0), evaluated=9)


def test_half_a_cent_goes_to_the_even_one() -> None:
    assert (uplift(25, "+2 %"), uplift(75, "+2 %"), uplift(37_088_693, "+2 %")) == (0, 2, 741_774)
    assert four_places(Fraction(100_005, 100_000)) == "1.0000"
    assert four_places(Fraction(-100_015, 100_000)) == "-1.0002"


def test_29_february_stands_beside_the_28th() -> None:
    assert aligned(date(2028, 2, 29), "same_date", date(2028, 2, 1), date(2027, 2, 1)) == date(2027, 2, 28)


def test_day_index_counts_the_days() -> None:
    assert aligned(date(2017, 2, 10), "day_index", START, date(2017, 1, 1)) == date(2017, 1, 10)


def january(align: str = "same_date", net: dict[date, int] | None = None) -> Comparison:
    """The January before, of 10 a day unless said otherwise, beside the whole of February."""
    days = days_between(date(2017, 1, 1), date(2017, 1, 31))
    return Comparison(days[0], days[-1], net or dict.fromkeys(days, 10), align, START, END)


def test_a_gain_is_less_the_comparison_so_far_and_on_the_last_day_less_all_of_it() -> None:
    february = dict.fromkeys(days_between(START, END), 12)

    by_date, by_weekday = gains(february, january()), gains(february, january("same_weekday"))

    assert [by_date[date(2017, 2, n)] for n in (1, 27, 28)] == [12 - 10, 27 * 12 - 270, 28 * 12 - 310]
    # 1 February is a Wednesday: beside it, 4 January.
    assert [by_weekday[date(2017, 2, n)] for n in (1, 27, 28)] == [12 - 40, 27 * 12 - 300, 28 * 12 - 310]


def test_a_day_below_nothing_is_nothing_in_a_profile_and_the_last_day_is_the_whole() -> None:
    net = {date(2017, 1, 1): 30, date(2017, 1, 2): -20, date(2017, 1, 3): 10, date(2017, 1, 31): 40}

    weights = pacings.last_year(january(net=net))

    assert [weights[date(2017, 2, n)] for n in (1, 2, 3, 27, 28)] == [
        Fraction(3, 8), Fraction(3, 8), Fraction(1, 2), Fraction(1, 2), Fraction(1),
    ]  # fmt: skip


def test_a_half_day_is_half_a_day_and_a_closed_one_none() -> None:
    weights = pacings.business_days(START, date(2017, 2, 7), closed=["SA", "SU", "2017-02-02"], half=["2017-02-07"])

    assert list(weights.values()) == [Fraction(n, 7) for n in (2, 2, 4, 4, 4, 6, 7)]


def test_a_day_weighs_what_its_weekday_does() -> None:
    by_weekday = dict.fromkeys(("MO", "TU", "WE", "TH"), Fraction(1)) | {"FR": Fraction(2)}

    weights = pacings.weighted(START, END, by_weekday | {"SA": Fraction(3), "SU": Fraction(3)})

    assert weights[date(2017, 2, 3)] == Fraction(4, 48)
    assert weights[date(2017, 2, 10)] == Fraction(16, 48)
    assert weights[END] == 1


def test_explicit_values_are_joined_by_straight_lines() -> None:
    weights = pacings.explicit(START, END, [(date(2017, 2, 10), 20), (date(2017, 2, 20), 60)], goal=100)

    values = [100 * weights[date(2017, 2, n)] for n in (1, 10, 15, 20, 24, 28)]
    assert values == [2, 20, 40, 60, 80, 100]


def test_a_target_is_judged_at_each_checkpoint_with_what_was_said_before() -> None:
    net = {date(2017, 2, 2): 500, date(2017, 2, 12): 260, date(2017, 2, 18): 230, END: 10}
    weights = pacings.equal_steps(START, END, step_days(FRIDAYS, START, END))
    by_day = readings(weights, levels(net, START, END), goal=1000)

    found = verdicts(by_day, checkpoints(FRIDAYS, START, END, "equal_steps"))

    assert [(v.reading.day.day, v.status, v.step_expected, v.step_actual) for v in found] == [
        (10, "ahead", 250, 500),
        (17, "ahead", 250, 260),
        (24, "ahead", 250, 230),
        (28, "on_track", 250, 10),
    ]
    assert [v.closing for v in found] == [False, False, False, True]
    assert [v.reading.variance for v in found] == [250, 260, 240, 0]
    assert [four_places(v.reading.pace) for v in found] == ["2.0000", "1.5200", "1.3200", "1.0000"]
    assert outcome(by_day[END]) == "met"


def test_a_goal_below_nothing_is_met_from_above() -> None:
    by_day = readings(pacings.linear(START, END), levels({START: -101}, START, END), goal=-100)

    assert by_day[END].variance == 1
    assert outcome(by_day[END]) == "exceeded"


def said(id: str, amount: str = "1.00", at: str = "2017-02-01T12:00:00-05:00", **fields: Any) -> str:
    sale = {"source": "shop", "id": id, "metric": "revenue", "amount": amount, "unit": "USD", "occurred_at": at}
    return json.dumps(sale | fields)


def test_refunds_voids_corrections_and_duplicates_come_to_the_net() -> None:
    lines = [
        said("1", "10.00"),
        said("1", "10.00"),
        said("v", kind="void", corrects="1b"),  # waits for the correction that it names
        said("1b", "8.00", kind="correction", corrects="1"),
        said("2", "5.00"),
        said("2b", "4.00", kind="correction", corrects="2"),
        said("2c", "3.00", kind="correction", corrects="2"),
        said("r", "0.50", at="2017-02-02T12:00:00-05:00", kind="refund", corrects="2"),
        said("other", metric="orders"),
    ]

    net = net_by_day(standing_sales(lines), ZoneInfo("Etc/GMT+5"))

    assert net == {date(2017, 2, 1): 300, date(2017, 2, 2): -50}


def test_a_scope_counts_what_matches_every_dimension() -> None:
    lines = [said("1", dimensions={"store": "a", "till": "1"}), said("2", dimensions={"store": "b"}), said("3")]

    net = net_by_day(standing_sales(lines), ZoneInfo("UTC"), scope={"store": {"a", "c"}})

    assert net == {date(2017, 2, 1): 100}


def test_exactly_midnight_is_the_new_day_in_the_zone() -> None:
    minus_five = ZoneInfo("Etc/GMT+5")

    assert day_of(datetime.fromisoformat("2017-02-01T04:59:59.999999Z"), minus_five) == date(2017, 1, 31)
    assert day_of(datetime.fromisoformat("2017-02-01T05:00:00Z"), minus_five) == date(2017, 2, 1)
    # Until 2011 Newfoundland's clocks went back at one minute past midnight, to 23:01 of the day before.
    assert day_of(datetime.fromisoformat("2010-11-07T02:45:00Z"), ZoneInfo("America/St_Johns")) == date(2010, 11, 7)


def test_the_command_works_out_every_mode_alignment_and_pacing_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sales = [said("1", "200.00", "2017-01-05T12:00:00-05:00"), said("2", "203.00", "2017-02-06T12:00:00-05:00")]
    with gzip.open(tmp_path / "sales.ndjson.gz", "wt") as file:
        file.write("\n".join(sales))
    asked = "--period 2017-02-01..2017-02-28 --comparison 2017-01-01..2017-01-31 --points 2017-02-10=20"
    weights = "--weights MO=1,TU=1,WE=1,TH=1,FR=2,SA=3,SU=3"
    files = [str(tmp_path / "sales.ndjson.gz"), "--json", str(tmp_path / "figures.json")]
    monkeypatch.setattr(sys, "argv", ["plain_figures", *files, *asked.split(), *weights.split(), "--goal", "+2 %"])

    command.main()

    found = json.loads((tmp_path / "figures.json").read_text())
    assert len({(each["mode"], each["align"], each["pacing"]) for each in found}) == 2 * 3 * 6
    assert {(each["mode"], each["goal"], each["outcome"]) for each in found} == {
        ("gain", 4_00, "missed"),
        ("level", 204_00, "missed"),
    }
    assert {each["checkpoints"][-1]["actual"] for each in found if each["mode"] == "gain"} == {3_00}
    assert capsys.readouterr().out.count("closing") == len(found)


def test_the_judge_imports_nothing_of_the_product() -> None:
    imported = set()
    for path in (Path(__file__).parent / "plain_figures").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Import(names=names):
                    imported |= {name.name for name in names}
                case ast.ImportFrom(module=module):
                    imported.add(str(module))

    packages = {name.split(".")[0] for name in imported if not name.startswith("tests.plain_figures")}
    assert packages <= sys.stdlib_module_names
