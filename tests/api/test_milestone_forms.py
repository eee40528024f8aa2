"""What people do to milestones on the page: forms that work without a script, for those who may."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.living import Living
from tests.api.page_reading import page, target_page, words
from tests.api.test_milestones import BY_HAND, planned
from tests.api.test_signing_in import signed_in
from tests.api.test_targets import defined

JO = "jo@example.com"


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
