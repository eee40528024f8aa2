"""The pages as people get them: what they say, to whom, what can be done there, and that they stay small."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from api.dashboard.overview import SHOWN_MAX
from tests.api.living import NOW, Living
from tests.api.test_checkpoints import evaluate, january, restate, sell
from tests.api.test_milestones import BY_HAND, planned
from tests.api.test_notifications import gets_there, goes_on, queued
from tests.api.test_signing_in import signed_in
from tests.api.test_targets import defined, shown
from tests.words import plan

BYTES_MAX = 60_000
JO = "jo@example.com"


def page(client: httpx.Client, path: str, status: int = 200) -> httpx.Response:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


def target_page(api: Living, target: dict[str, Any], client: httpx.Client | None = None) -> httpx.Response:
    """The page with all that is recorded."""
    position = api.store.app.recorder.max_notification_id()
    for path in (f"/v1/targets/{target['id']}/milestones", f"/v1/targets/{target['id']}/checkpoints", "/v1/inbox"):
        assert api.manager.get(path, params={"min_position": str(position)}).status_code == 200
    series = api.manager.get(f"/v1/targets/{target['id']}/series", params={"min_position": str(position)})
    assert series.status_code == 200
    return page(client or api.manager, f"/targets/{target['id']}")


def words(answer: httpx.Response, region: str = "") -> str:
    """What people read there, or in one region, with single spaces."""
    html = answer.text.partition("<main")[2].partition(">")[2]
    if region:
        html = html.partition(f'<section id="{region}"')[2].partition(">")[2].partition("</section>")[0]
    text = re.sub(r"<(svg|noscript)\b.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).replace(" ,", ",").strip()


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
    assert words(seen, "figures") == (
        "Actual $52,000.00 of $100,000 52 % of the goal, $48,000 to go "
        "Pace 63.3 % of the expected pace $30,142.86 behind the expected $82,142.86 "
        "Needed per day $5,333.33 on each day left $2,332.71 a day so far "
        "Next checkpoint Fri 27 Jan expects $100,000 $48,000 to go"
    )
    assert "1 Jan – 31 Jan 2017 · ana@example.com" in words(seen)
    assert "America/New_York" in words(seen)


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


def test_what_happened_is_told_in_sentences_newest_first(api: Living) -> None:
    target = january(api, "10000.00", "500.00")
    sell(api, target, "goal", "89500.00")
    evaluate(api, target, 1)

    told = words(target_page(api, target), "facts")

    lines = [
        "Checkpoint 1 evaluated, ahead: $100,000 of $25,000 expected",
        f"Attained by sale {target['metric']}-goal of webshop: $100,000 of $100,000",
        "Sales of Tue 3 Jan counted: +$100,000",
        "Started",
        "Defined: $100,000 by Tue 31 Jan",
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

    assert "January is at risk ana@example.com by inbox · delivered · Mon 23 Jan, 07:00" in words(seen, "notifications")
    assert words(seen_by_jo, "notifications").startswith("What you were told Only for Jo by webhook · on its way")
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


# Milestones, and what can be done with them


@pytest.fixture
def launch(api: Living) -> tuple[dict[str, Any], dict[str, Any]]:
    """A target, and a milestone on it with a task that achieves it."""
    target = defined(api)
    return target, planned(api, target["id"], tasks=[{"name": "Call the ten largest", "assignee": JO}])


@pytest.fixture
def browser(api: Living) -> Iterator[httpx.Client]:
    """A manager's, signed in by a cookie."""
    with signed_in(api) as client:
        yield client


def task_of(milestone: dict[str, Any]) -> str:
    (task,) = milestone["tasks"]
    return f"/milestones/{milestone['id']}/tasks/{task['id']}"


def test_a_task_is_done_and_undone_with_a_form(
    api: Living, browser: httpx.Client, launch: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, milestone = launch
    form = task_of(milestone)
    before = target_page(api, target, browser)

    done = browser.post(form, data={"done": "true"}, headers={"Origin": api.url})
    after = page(browser, done.headers["Location"])
    browser.post(form, data={"done": "false"}, headers={"Origin": api.url})

    assert f'action="{form}"' in before.text
    assert 'aria-pressed="false"' in before.text
    assert done.status_code == 303
    assert done.headers["Location"] == f"/targets/{target['id']}#task-{milestone['tasks'][0]['id']}"
    assert 'aria-pressed="true"' in after.text
    assert "100 % complete, by weight Launch achieved" in words(after, "milestones")
    assert 'aria-pressed="false"' in page(browser, f"/targets/{target['id']}").text


def test_a_milestone_is_achieved_by_hand_with_evidence(api: Living, browser: httpx.Client) -> None:
    target = defined(api)
    milestone = planned(api, target["id"], criterion=BY_HAND)
    form = f"/milestones/{milestone['id']}/achieve"

    nothing = browser.post(form, data={"evidence": " "}, headers={"Origin": api.url})
    done = browser.post(form, data={"evidence": "Seen with my own eyes"}, headers={"Origin": api.url})

    assert nothing.status_code == 422
    assert f'href="/targets/{target["id"]}#milestone-{milestone["id"]}"' in nothing.text
    assert done.status_code == 303
    assert "Evidence: Seen with my own eyes" in words(page(browser, done.headers["Location"]), "milestones")


@pytest.mark.parametrize("role", ["auditor", "subscriber"])
def test_who_only_looks_finds_no_forms_and_may_send_none(
    api: Living, launch: tuple[dict[str, Any], dict[str, Any]], role: str
) -> None:
    target, milestone = launch
    reader = getattr(api, role)

    seen = target_page(api, target, reader)
    refused = reader.post(task_of(milestone), data={"done": "true"})

    assert "Call the ten largest, open jo@example.com" in words(seen, "milestones")
    assert "/milestones/" not in seen.text.replace("/v1/", "")
    assert refused.status_code == 403
    assert "<h1>You may not do that here</h1>" in refused.text


def test_another_sites_form_changes_nothing(
    api: Living, browser: httpx.Client, launch: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, milestone = launch

    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        refused = browser.post(task_of(milestone), data={"done": "true"}, headers=headers)
        assert refused.status_code == 403
        assert refused.headers["content-type"] == "text/html; charset=utf-8"

    assert 'aria-pressed="true"' not in target_page(api, target, browser).text


def test_a_refusal_is_a_page_with_the_reason_and_the_way_back(api: Living, browser: httpx.Client) -> None:
    target = defined(api)
    milestone = planned(api, target["id"], tasks=[{"name": "Call"}])
    assert api.manager.post(f"/v1/milestones/{milestone['id']}/waive", json={"reason": "no"}).status_code == 200

    refused = browser.post(task_of(milestone), data={"done": "true"}, headers={"Origin": api.url})
    unknown = browser.post(f"/milestones/{uuid4()}/achieve", data={"evidence": "x"}, headers={"Origin": api.url})

    assert refused.status_code == 409
    assert "waived" in words(refused)
    assert f'href="/targets/{target["id"]}#milestone-{milestone["id"]}"' in refused.text
    assert unknown.status_code == 404
    assert 'href="/"' in unknown.text


# All targets


def listed(api: Living, path: str) -> list[str]:
    """The targets on a page, in order: name and status."""
    found = re.findall(
        r'<li><h3><a [^>]*>([^<]*)</a></h3><span class="badge status-(\w+)">', page(api.manager, path).text
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
    assert f"Bad {word} off track 1 Jan – 31 Jan $1,000 of $100,000 1.2 % of the expected pace" in told
    assert "Fri 27 Jan expects $100,000" in told


def test_the_headline_counts_all_targets(api: Living) -> None:
    target_page(api, january(api))

    headline = words(page(api.manager, "/?q=nothing-like-this"), "headline")

    assert re.search(r"\d+ targets? (is|are) ", headline)
    assert "too early to judge" in headline


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


# Whatever page


def weight(api: Living, answer: httpx.Response) -> int:
    """Bytes of a page with all that a browser fetches for it."""
    parts = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text))
    assert parts
    return len(answer.content) + sum(len(api.admin.get(unescape(one)).content) for one in parts)


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
    assert (seen.text.count('class="check"'), whole.text.count('class="check"')) == (24, 42)
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
