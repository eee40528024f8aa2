"""Targets that belong to targets, on the pages: who is ahead, what they bring together, and where each stands."""

from uuid import uuid4

import pytest

from api.dashboard.overview import depths_of
from tests.api.living import Living, sold
from tests.api.page_reading import page, target_page, words
from tests.api.test_members import EMEA, US, join, read, rolled, sell, settled
from tests.api.test_overview import listed
from tests.api.test_targets import defined


def test_a_roll_up_shows_its_members_the_one_that_is_ahead_first(api: Living) -> None:
    parent = rolled(api, name="All regions")
    metric = parent["metric"]
    for name, scope in (("Emea", EMEA), ("Us", US)):
        defined(api, name=name, metric=metric, scope=scope, goal="500.00", parent=parent["id"], owner="jo@example.com")
    sell(
        api,
        sold(metric, "1", "100.00", dimensions={"region": "emea"}),
        sold(metric, "2", "150.00", dimensions={"region": "us"}),
    )
    read(api, parent["id"], "roll-up")

    seen = target_page(api, parent)

    assert words(seen, "members") == (
        "Members 2 members: $250 together, of $1,000 that they are to reach. "
        "1 Us jo@example.com $150 of $500 · 30 % too early to say "
        "2 Emea jo@example.com $100 of $500 · 20 % too early to say"
    )
    assert "Actual $250.00 of $1,000 25 % of the goal, $750 to go" in words(seen, "figures")
    assert "expected grows as what its members expect, added up" in words(seen, "meaning")
    assert "of its members, " in seen.text


def test_a_parent_with_a_goal_of_its_own_says_what_its_members_leave(api: Living) -> None:
    parent = defined(api, scope={}, goal="1000.00")
    metric = parent["metric"]
    for scope in (EMEA, EMEA):
        member = defined(api, metric=metric, scope=scope, goal="300.00")
        join(api, parent["id"], member["id"])
    sell(api, sold(metric, "1", "100.00", dimensions={"region": "emea"}))
    read(api, parent["id"], "roll-up")

    told = words(target_page(api, parent), "members")

    assert told.startswith("Members 2 members: $200 together, of $600 that they are to reach.")
    assert "$400 of the goal is allocated to none of them." in told
    assert "They count $100 more than this target does." in told
    assert "Some of them count the same sales, so together they may have more than there is." in told


def test_a_member_leads_up_to_what_it_belongs_to(api: Living) -> None:
    top = rolled(api, name="Company")
    middle = rolled(api, name="Europe", metric=top["metric"], parent=top["id"])
    leaf = defined(api, name="Rep", metric=top["metric"], parent=middle["id"])
    settled(api)
    read(api, leaf["id"], "parents")

    seen = target_page(api, leaf)

    above = seen.text.partition('<nav class="path"')[2].partition("</nav>")[0]
    assert [f'href="/targets/{one["id"]}">{one["name"]}' in above for one in (top, middle)] == [True, True]
    assert above.index("Company") < above.index("Europe")
    assert words(seen, "members") == ""


def test_the_overview_has_members_under_what_they_belong_to(api: Living) -> None:
    word = uuid4().hex[:8]
    alone = defined(api, name=f"Alone {word}", goal="1.00")
    parent = rolled(api, name=f"Top {word}", metric=alone["metric"])
    middle = rolled(api, name=f"Middle {word}", metric=alone["metric"], parent=parent["id"])
    leaf = defined(api, name=f"Leaf {word}", metric=alone["metric"], parent=middle["id"])
    read(api, leaf["id"], "parents")

    names = [one.split()[0] for one in listed(api, f"/?q={word}")]
    seen = page(api.manager, f"/?q={word}").text

    assert names == ["Alone", "Top", "Middle", "Leaf"]
    assert [f'class="under-{depth}"' in seen for depth in (1, 2, 3)] == [True, True, False]
    assert [one.split()[0] for one in listed(api, f"/?q=Leaf+{word}")] == ["Leaf"]
    assert 'class="under-' not in page(api.manager, f"/?q=Leaf+{word}").text


@pytest.mark.parametrize(
    ("parents", "depths"),
    [
        ([None, "a", "b", None], [0, 1, 2, 0]),
        (["z", "a", "z"], [0, 1, 0]),
        ([None, "a", "b", "c", "d", "e", "f"], [0, 1, 2, 3, 4, 5, 5]),
    ],
)
def test_depths_are_counted_from_what_stands_on_the_page(parents: list[str | None], depths: list[int]) -> None:
    ids = {letter: uuid4() for letter in "abcdefgz"}

    shown = [ids[letter] for letter, _ in zip("abcdefg", parents, strict=False)]

    assert depths_of(shown, [None if one is None else ids[one] for one in parents]) == depths
