"""Who may belong to whom, and from when to when."""

from datetime import date
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from domain.metric import Metric
from domain.rollup.membership import Window
from tests.domain.companies import BY, EMEA, company, loaded, refused, region, started
from tests.memory import memory_app


def test_a_target_names_its_parent_when_it_is_defined() -> None:
    app = memory_app()
    parent = started(app, company())

    started(app, region("100.00", parent=parent))

    assert loaded(app, parent).plan.goal == 100_00


def test_an_unknown_parent_is_refused_and_the_target_with_it() -> None:
    app, target_id = memory_app(), uuid4()

    said = refused(lambda: app.define_target(target_id, region("1.00", parent=uuid4()), activate=True, **BY))

    assert said == ("unknown_parent", "/parent")
    with app.writing() as log:
        assert log.targets([target_id]) == {}


def test_a_cycle_is_refused_at_any_length() -> None:
    app = memory_app()
    one, two, three = (started(app, company()) for _ in range(3))
    app.join_target(one, two, Window(), **BY)
    app.join_target(two, three, Window(), **BY)

    assert refused(lambda: app.join_target(one, one, Window(), **BY)) == ("cycle", "/target")
    assert refused(lambda: app.join_target(three, one, Window(), **BY)) == ("cycle", "/target")


def test_more_than_ten_levels_are_refused() -> None:
    app = memory_app()
    levels = [started(app, company()) for _ in range(11)]
    for upper, lower in (*pairwise(levels[:6]), *pairwise(levels[6:])):
        app.join_target(upper, lower, Window(), **BY)

    assert refused(lambda: app.join_target(levels[5], levels[6], Window(), **BY)) == ("too_deep", "/target")


def test_a_target_has_one_parent_at_a_time() -> None:
    app = memory_app()
    first, second, member = started(app, company()), started(app, company()), started(app, region("1.00"))
    app.join_target(first, member, Window(until=date(2026, 11, 10)), **BY)

    again = refused(lambda: app.join_target(second, member, Window(since=date(2026, 11, 10)), **BY))

    assert again == ("member_elsewhere", "/target")
    app.join_target(second, member, Window(since=date(2026, 11, 11)), **BY)


def test_a_membership_that_is_extended_does_not_run_into_the_next() -> None:
    app = memory_app()
    first, second, member = started(app, company()), started(app, company()), started(app, region("1.00"))
    app.join_target(first, member, Window(until=date(2026, 11, 10)), **BY)
    app.join_target(second, member, Window(since=date(2026, 11, 11)), **BY)

    assert refused(lambda: app.leave_target(first, member, date(2026, 11, 20), **BY)) == ("member_elsewhere", "/until")


def test_joining_again_changes_nothing() -> None:
    app = memory_app()
    parent, member = started(app, company()), started(app, region("1.00"))
    app.join_target(parent, member, Window(), **BY)
    loaded(app, parent)

    before = app.join_target(parent, member, Window(), **BY)

    assert app.join_target(parent, member, Window(), **BY)[1] == before[1]


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ({"kind": "from_to", "baseline": "0.00"}, "not_of_kind"),
        ({"metric": Metric("yen", "JPY", 0)}, "wrong_unit"),
        ({"start": date(2026, 12, 1), "end": date(2026, 12, 31)}, "bad_window"),
    ],
)
def test_what_can_not_be_added_up_is_no_member(member: dict[str, Any], code: str) -> None:
    app = memory_app()
    parent, other = started(app, company()), started(app, region("100", **member))

    assert refused(lambda: app.join_target(parent, other, Window(), **BY))[0] == code


def test_a_target_that_was_never_a_member_can_not_leave() -> None:
    app = memory_app()
    parent, member = started(app, company()), started(app, region("1.00"))

    assert refused(lambda: app.leave_target(parent, member, None, **BY)) == ("not_member", "/target")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"goal": "1.00"}, "/goal"),
        ({"scope": EMEA}, "/scope"),
        ({"pacing": "linear"}, "/pacing"),
        ({"refunds": "clawback"}, "/refunds"),
    ],
)
def test_a_roll_up_has_nothing_of_its_own(words: dict[str, Any], field: str) -> None:
    assert refused(lambda: company(**words)) == ("roll_up_has_none", field)
