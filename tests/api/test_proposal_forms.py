"""Revisions that wait for approval, on the page: what they would change, and forms to decide that need no script."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.living import Living
from tests.api.page_reading import page, target_page, words
from tests.api.test_proposals import proposed
from tests.api.test_targets import defined

JO = "jo@example.com"


@pytest.fixture
def jo(careful: Living) -> Iterator[httpx.Client]:
    """Another manager."""
    with careful.client(careful.key("manager", JO)) as client:
        yield client


@pytest.fixture
def waiting(api: Living, careful: Living) -> tuple[dict[str, Any], dict[str, Any]]:
    """A target, and a revision of it that ana@example.com proposes."""
    target = defined(api)
    return target, proposed(careful, target["id"])


def test_a_proposal_stands_on_the_page_with_what_it_would_change(
    careful: Living, jo: httpx.Client, waiting: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, _ = waiting

    seen = target_page(careful, target, jo)

    told = words(seen, "proposals")
    assert told.startswith("A revision waits for approval ana@example.com proposes, from then on: A second shop opened")
    assert "Goal: $1,000 → $2,000" in told
    assert "Approve anybody but ana@example.com" in told
    assert words(seen, "revisions") == ""


def test_somebody_else_approves_it_and_comes_to_the_revisions(
    careful: Living, jo: httpx.Client, waiting: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, proposal = waiting

    done = jo.post(f"/proposals/{proposal['id']}/approve")

    assert (done.status_code, done.headers["Location"]) == (303, f"/targets/{target['id']}#revisions")
    seen = page(jo, f"/targets/{target['id']}")
    assert words(seen, "proposals") == ""
    told = words(seen, "revisions")
    assert told.startswith("Revisions Revision 2, from then on")
    assert "A second shop opened Goal: $1,000 → $2,000" in told
    assert "ana@example.com, approved by jo@example.com" in told
    assert "Of the original $1,000: 0 %" in words(seen, "figures")


def test_nobody_approves_their_own_and_reads_why(
    careful: Living, waiting: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, proposal = waiting

    refused = careful.manager.post(f"/proposals/{proposal['id']}/approve", data={})

    assert refused.status_code == 409
    assert "Nobody approves a revision of their own: ask somebody else." in words(refused)
    assert f'href="/targets/{target["id"]}#proposals"' in refused.text


def test_it_is_declined_for_a_reason(
    careful: Living, jo: httpx.Client, waiting: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, proposal = waiting
    form = f"/proposals/{proposal['id']}/decline"

    refused = jo.post(form, data={"reason": " "})
    done = jo.post(form, data={"reason": "Too much"})

    assert refused.status_code == 422
    assert done.headers["Location"] == f"/targets/{target['id']}#content"
    assert words(page(jo, f"/targets/{target['id']}"), "proposals") == ""
    assert jo.post("/proposals/none/approve").status_code == 404


def test_what_was_overtaken_can_only_be_taken_back(
    careful: Living, jo: httpx.Client, waiting: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, proposal = waiting
    proposed(careful, target["id"], reason="Later")

    jo.post(f"/proposals/{proposal['id']}/approve")

    told = words(page(jo, f"/targets/{target['id']}"), "proposals")
    assert "the target was revised since: it has to be proposed anew" in told
    assert "Approve" not in told


def test_a_reader_sees_a_proposal_and_no_way_to_decide(
    careful: Living, waiting: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    target, _ = waiting

    seen = target_page(careful, target, careful.auditor)

    assert "proposes" in words(seen, "proposals")
    assert "<form" not in seen.text.partition('id="proposals"')[2].partition("</section>")[0]
