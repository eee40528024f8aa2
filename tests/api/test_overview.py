"""The page of all targets: in words, the worst first, searched, filtered and page by page."""

import re
from datetime import date
from uuid import UUID, uuid4

import pytest

from api.dashboard.overview import SHOWN_MAX
from domain.archiving import archive_target
from domain.definition import Versus
from domain.filling import Filler
from tests.api.living import NOW, Living
from tests.api.page_reading import BYTES_MAX, page, target_page, weight, words
from tests.api.test_checkpoints import evaluate, january
from tests.api.test_targets import defined
from tests.words import plan


def listed(api: Living, path: str) -> list[str]:
    """The targets on a page, in order: name and status."""
    found = re.findall(
        r'<li[^>]*><h3>(?:<span[^>]*>[^<]*</span>)?<a [^>]*>([^<]*)</a></h3><span class="badge status-(\w+)">',
        page(api.manager, path).text,
    )
    return [f"{name.split()[0]} {status}" for name, status in found]


def test_the_worst_stand_first_and_what_is_over_last(api: Living) -> None:
    word = uuid4().hex[:8]
    sales = {"Good": "60000.00", "Bad": "1000.00", "Done": "100000.00"}
    for name, amount in sales.items():
        target = january(api, amount, name=f"{name} {word}")
        evaluate(api, target, 1)
        evaluate(api, target, 2)
    january(api, name=f"Early {word}")
    later = january(api, name=f"Later {word}", start="2017-02-01", end="2017-02-28")
    off = january(api, name=f"Off {word}")
    api.manager.post(f"/v1/targets/{off['id']}/cancel", json={"reason": "no"})
    target_page(api, later)

    assert listed(api, f"/?q={word}") == [
        "Bad off_track",
        "Early too_early",
        "Good ahead",
        "Done attained",
        "Later not_started",
        "Off cancelled",
    ]
    assert listed(api, f"/?q={word.upper()}&status=attention") == ["Bad off_track"]
    assert listed(api, f"/?q={word}&status=closed") == ["Off cancelled"]
    told = words(page(api.manager, f"/?q={word}"), "running")
    assert f"Bad {word} off track 1 Jan – 31 Jan $1,000 of $100,000 · 1 % 1.22 % of the expected pace" in told
    assert "Fri 27 Jan expects $100,000" in told


def test_the_headline_counts_all_targets(api: Living) -> None:
    target_page(api, january(api))

    headline = words(page(api.manager, "/?q=nothing-like-this"), "headline")

    assert re.search(r"\d+ targets? (is|are) ", headline)
    assert "too early to say" in headline


def test_no_match_is_said_with_a_way_to_all(api: Living) -> None:
    target_page(api, january(api))

    seen = page(api.manager, "/?q=nothing-like-this&status=ahead")

    assert "No target matches. Show all of them" in words(seen)
    assert 'value="nothing-like-this"' in seen.text
    assert '<option value="ahead" selected>' in seen.text


@pytest.mark.parametrize("query", ["page=x", "page=0", "page=-1", "page=999999", "status=nonsense", "q=%00%ff", "x=1"])
def test_an_odd_query_is_answered_with_what_makes_sense(api: Living, query: str) -> None:
    target_page(api, january(api))

    assert "target" in words(page(api.manager, f"/?{query}"), "headline")


def test_many_targets_come_page_by_page_and_a_page_stays_small(api: Living) -> None:
    word = uuid4().hex[:8]
    names = [f"{number:02} {word}" for number in range(SHOWN_MAX + 2)]
    for name in names:
        wanted = plan(name=name, owner="ana@example.com", schedule="FREQ=WEEKLY;BYDAY=FR")
        api.store.app.define_target(uuid4(), wanted, activate=False, by="ana@example.com", at=NOW)
    target_page(api, defined(api))

    first, second = page(api.manager, f"/?q={word}"), page(api.manager, f"/?q={word}&page=2")

    assert listed(api, f"/?q={word}") == [f"{name.split()[0]} draft" for name in names[:SHOWN_MAX]]
    assert listed(api, f"/?q={word}&page=2") == [f"{name.split()[0]} draft" for name in names[SHOWN_MAX:]]
    assert f"1 to {SHOWN_MAX} of {SHOWN_MAX + 2} targets Next" in words(first, "more")
    assert f'rel="prev" href="/?q={word}"' in second.text
    assert weight(api, first) < BYTES_MAX


def test_what_has_nothing_to_be_compared_with_is_found_by_that(api: Living) -> None:
    word = uuid4().hex[:8]
    wanted = plan(
        name=f"Alone {word}",
        kind="uplift",
        goal="5.00",
        comparison=Versus(date(2016, 1, 1), date(2016, 1, 31)),
        start=date(2017, 1, 1),
        end=date(2017, 1, 31),
    )
    one = uuid4()
    api.store.app.define_target(one, wanted, activate=True, by="ana@example.com", at=NOW)
    while Filler(api.store.app).fill_some(NOW):
        pass
    target_page(api, {"id": str(one)})

    assert listed(api, f"/?q={word}&status=no_baseline") == ["Alone no_baseline"]


def test_what_was_archived_stands_in_no_list_but_its_own(api: Living) -> None:
    word = uuid4().hex[:8]
    put_away, kept = (january(api, name=f"{name} {word}") for name in ("Away", "Kept"))
    for target in (put_away, kept):
        api.manager.post(f"/v1/targets/{target['id']}/cancel", json={"reason": "no"})
    archive_target(api.store.app, UUID(put_away["id"]), True, by="ana@example.com", at=NOW)
    target_page(api, kept)

    assert listed(api, f"/?q={word}") == ["Kept cancelled"]
    assert listed(api, f"/?q={word}&status=archived") == ["Away cancelled"]
