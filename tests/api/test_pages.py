"""The page of a target, and what all pages have in common: what they say, to whom, and that they stay small."""

import re
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.api.living import NOW, Living
from tests.api.page_reading import BYTES_MAX, page, target_page, weight, words
from tests.api.test_checkpoints import evaluate, january, restate, sell
from tests.api.test_milestones import planned
from tests.api.test_notifications import gets_there, goes_on, queued
from tests.api.test_targets import defined, shown

JO = "jo@example.com"


def named(name: str) -> str:
    """A name that no other test looks for."""
    return f"{name} {uuid4().hex[:8]}"


# One target


def test_a_target_says_how_it_stands_in_words(api: Living) -> None:
    target = january(api, "52000.00", owner="ana@example.com", scope={})
    evaluate(api, target, 1)
    evaluate(api, target, 2)

    seen = target_page(api, target)

    assert words(seen, "standing") == (
        "on track Checkpoint 2 (Fri 13 Jan) read on track: 104 % of the expected pace. "
        "At this moment it is at 63.3 %, and would read off track."
    )
    # How likely it is hangs on the draws, which hang on the target's id.
    assert re.sub(r"\d+ % likely", "N % likely", words(seen, "figures")) == (
        "Actual $52,000.00 of $100,000 52 % of the goal, $48,000 to go "
        "Pace 63.3 % of the expected pace, now off track $30,142.86 behind the expected $82,142.86 "
        "Forecast $52,000 N % likely to reach $100,000 $52,000 to $104,000 with a chance of four in five "
        "Needed per day $5,333.33 on each of the 9 days left, with today "
        "$2,363.64 a day so far, over 22 days: it needs 2.26 × that "
        "Next checkpoint Fri 27 Jan expects $100,000 $48,000 to go"
    )
    assert "1 Jan – 31 Jan 2017 · ana@example.com" in words(seen)
    assert "America/New_York" in words(seen)
    assert "Expected by the end of the day" in words(seen, "days")


def test_checkpoints_stand_in_a_table_and_corrections_beside_them(api: Living) -> None:
    target = january(api, "26000.00")
    for number in (1, 2):
        evaluate(api, target, number)
    sell(api, target, "late", "12000.00")
    restate(api, target, 1, NOW, settle=True)

    told = words(target_page(api, target), "checkpoints")

    assert "1 Fri 6 Jan ahead $25,000 $38,000 +$13,000 +$38,000 of +$25,000" in told
    assert "corrected from $26,000, on track, because late sales came in · settled" in told
    assert "2 Fri 13 Jan off track $50,000 $26,000 -$24,000 -$12,000 of +$25,000 provisional" in told
    assert "3 Fri 20 Jan being evaluated $75,000" in told
    assert "4 Fri 27 Jan next $100,000" in told


def test_what_happened_is_told_in_sentences_newest_first_after_what_was_sold(api: Living) -> None:
    target = january(api, "10000.00", "500.00")
    sell(api, target, "goal", "89500.00")
    evaluate(api, target, 1)
    # Sales that come in by the dozen take nothing off the list.
    for number in range(13):
        sell(api, target, f"today-{number}", "1.00", occurred_at="2017-01-23T06:00:00-05:00")

    told = words(target_page(api, target), "facts")

    lines = [
        "Sales of Mon 23 Jan so far: +$13",
        "Sales of Sun 22 Jan: $0",
        # By their times, here of 2026, the 23rd and the 7th; of those with one time the last that was recorded.
        f"Attained by sale {target['metric']}-goal of webshop: $100,000 of $100,000",
        "Started",
        "Defined: $100,000 by Tue 31 Jan",
        "Checkpoint 1 evaluated, ahead: $100,000 of $25,000 expected",
    ]
    assert [line for line in lines if line not in told] == []
    assert sorted(lines, key=told.index) == lines


@pytest.mark.parametrize(
    ("changes", "state", "says"),
    [
        ({"activate": False}, "draft", "draft This is a draft"),
        ({"start": "2017-02-01", "end": "2017-02-28"}, "active", "not started It begins on Wed 1 Feb."),
        ({}, "active", "too early to say No checkpoint has been evaluated yet."),
    ],
    ids=["draft", "not begun", "begun"],
)
def test_a_target_that_has_no_verdict_says_why(api: Living, changes: dict[str, Any], state: str, says: str) -> None:
    target = defined(api, **changes)
    shown(api, target["id"], state)

    assert words(target_page(api, target), "standing").startswith(says)


def test_a_cancelled_target_says_so_and_why(api: Living) -> None:
    target = january(api)
    answer = api.manager.post(f"/v1/targets/{target['id']}/cancel", json={"reason": "the fair was called off"})
    assert answer.status_code == 200, answer.text

    seen = target_page(api, target)

    assert words(seen, "standing").startswith("cancelled This target was cancelled")
    assert "Cancelled: the fair was called off" in words(seen, "facts")


def test_a_subscriber_sees_figures_but_no_facts_and_no_notifications_of_others(api: Living) -> None:
    target = january(api, "52000.00")
    about = {"target": UUID(target["id"]), "message": {"line": "January is at risk"}}
    goes_on(api, queued(api, "ana@example.com", "inbox", **about), gets_there)
    queued(api, JO, "webhook", **about | {"message": {"line": "Only for Jo"}})

    seen = target_page(api, target)
    with api.client(api.key("subscriber", JO)) as jo:
        seen_by_jo = target_page(api, target, jo)

    assert "January is at risk ana@example.com · inbox delivered · Mon 23 Jan, 07:00" in words(seen, "notifications")
    assert words(seen_by_jo, "notifications").startswith("What you were told Only for Jo webhook on its way")
    assert "January is at risk" not in seen_by_jo.text
    assert 'id="facts"' not in seen_by_jo.text
    assert "$52,000.00 of $100,000" in words(seen_by_jo, "figures")


def test_names_are_text_and_never_markup(api: Living) -> None:
    name = named('<script>alert("1")</script>')
    target = defined(api, name=name, owner="<b>ana</b>", scope={"region": ["<i>emea</i>"]})
    planned(api, target["id"], "<u>Launch</u>", tasks=[{"name": "<s>Call</s>", "assignee": "<b>jo</b>"}])

    seen = target_page(api, target)
    listed = page(api.manager, f"/?q={name.split()[-1]}")

    for html in (seen.text, listed.text):
        assert "<script>alert" not in html
        assert not re.search(r"<(b|i|u|s)>(ana|jo|emea|Launch|Call)", html)
    assert name in words(seen)
    assert name in words(listed)


# Whatever page


def test_a_page_is_small_and_asks_nothing_of_others(api: Living) -> None:
    target = january(api, "52000.00")
    for number in (1, 2, 3):
        evaluate(api, target, number)
    for number in range(14):
        tasks = [{"name": f"Task {one} of some length", "assignee": "ana@example.com"} for one in range(3)]
        planned(api, target["id"], f"Step {number}", tasks=tasks)

    seen = target_page(api, target)
    whole = page(api.manager, f"/targets/{target['id']}?milestones=all")

    assert weight(api, seen) < BYTES_MAX
    assert (seen.text.count('class="check"'), whole.text.count('class="check"')) == (20, 42)
    assert f'href="/targets/{target["id"]}?milestones=all#milestones"' in seen.text
    assert "/live?milestones=all&amp;seen=" in whole.text
    assert not re.search(r'(href|src|action)="(https?:)?//', seen.text)
    assert not re.search(r"\sstyle=|<style|<script(?! src)|\son\w+=", seen.text)


def test_what_is_static_is_kept_for_ever_under_its_version(api: Living) -> None:
    (address,) = re.findall(r'href="(/static/style.css[^"]+)"', page(api.manager, "/").text)

    known, other, none = (api.admin.get(one) for one in (address, "/static/style.css", "/static/../pages.py"))

    assert known.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert known.headers["content-type"] == "text/css; charset=utf-8"
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")
    assert none.status_code == 404


def test_pages_are_kept_by_nobody_and_framed_by_nobody(api: Living) -> None:
    for path, status in (("/", 200), (f"/targets/{uuid4()}", 404)):
        headers = page(api.manager, path, status).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_whoever_is_not_signed_in_is_led_there_and_back(api: Living) -> None:
    with api.client(None) as stranger:
        for path in ("/?q=x", f"/targets/{uuid4()}", "/live"):
            answer = stranger.get(path)
            assert answer.status_code == 303
            assert answer.headers["Location"] == f"/login?{httpx.QueryParams({'next': path})}"
        assert stranger.post(f"/milestones/{uuid4()}/achieve").headers["Location"] == "/login?next=%2F"


def test_what_is_not_there_is_a_page_and_a_publisher_is_told_that_it_is_not_for_them(api: Living) -> None:
    for path in (f"/targets/{uuid4()}", "/targets/none", "/targets/%00", f"/targets/{uuid4()}/live"):
        assert "There is no target with this id." in words(page(api.manager, path, 404))
    assert "yours is publisher" in words(page(api.publisher, "/", 403))


@pytest.mark.parametrize("path", ["/nothing", "/targets", "/targets/x/y", "/logout", "/v2/targets"])
def test_a_browser_at_an_unknown_address_gets_a_page_with_a_way_home(api: Living, path: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

    with api.client(None) as stranger:
        seen = stranger.get(path, headers=browser)
        machine = stranger.get(path, headers={"Accept": "*/*"})
        of_api = stranger.get(f"/v1{path}", headers=browser)

    assert seen.status_code in (404, 405)
    assert "<h1>There is nothing" in seen.text
    assert 'href="/">All targets</a>' in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    assert machine.status_code == seen.status_code
    assert {one.headers["content-type"] for one in (machine, of_api)} == {"application/problem+json"}


def test_a_stream_brings_what_changes_and_nothing_to_whoever_has_seen_it(api: Living) -> None:
    target = january(api, "100.00")
    seen = target_page(api, target)
    (address,) = re.findall(r'data-stream="([^"]+)"', seen.text)

    with api.manager.stream("GET", unescape(address)) as stream:
        sell(api, target, "more", "41.50")
        news = next(line for line in stream.iter_lines() if line.startswith("data: ") and "figures" in line)

    assert unescape(address).startswith(f"/targets/{target['id']}/live?seen=")
    assert "$141.50" in news


def test_the_pages_are_no_part_of_the_api(api: Living) -> None:
    paths = api.admin.get("/openapi.json").json()["paths"]

    assert not [path for path in paths if path == "/" or path.startswith(("/targets", "/milestones", "/static"))]
