"""A page that is left open: it moves by itself, keeps what somebody does on it, and says when it can't."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from tests.system.browsing import Chromium, Visit, needs_chromium
from tests.system.launch import Launch, sale
from tests.system.product import Product, eventually

pytestmark = [pytest.mark.xdist_group("browser"), needs_chromium]

EVIDENCE = "What shows that it is achieved"


@pytest.fixture
def watched(browser: Chromium, launch: Launch) -> Iterator[Visit]:
    """The target's page, open and live."""
    with browser.visit() as visit:
        visit.go(f"/targets/{launch.target}")
        visit.live()
        yield visit


def test_a_sale_moves_the_figures_without_a_reload(watched: Visit, product: Product, launch: Launch) -> None:
    watched.page.evaluate("window.stayed = true")

    actual = sold(product, launch)

    watched.page.locator("#figures", has_text=actual).wait_for()
    assert watched.page.evaluate("window.stayed")


def sold(product: Product, launch: Launch) -> str:
    """A sale now; the target's new actual as its page says it."""
    before = Decimal(product.status(launch.target)["actual"])
    answer = product.api.post("/v1/sales", json=[sale(uuid4().hex, "12.34", datetime.now(UTC))])
    assert answer.is_success, answer.text
    return f"${before + Decimal('12.34'):,.2f}"


def test_focus_and_open_details_survive_an_update(watched: Visit, product: Product, launch: Launch) -> None:
    watched.page.locator("#milestones summary").first.press("Enter")
    task = watched.page.get_by_role("button", name=launch.to_do[0])
    task.focus()

    # Whatever is done to a task changes the region that both stand in.
    added = add_task(product, launch)

    watched.page.get_by_role("button", name=added).wait_for()
    assert launch.to_do[0] in watched.focused()
    assert watched.page.get_by_label(EVIDENCE).is_visible()


def add_task(product: Product, launch: Launch) -> str:
    """A new task in the milestone that has tasks; its name."""
    name = f"Write to the newspaper {uuid4().hex[:4]}"
    answer = product.api.post(f"/v1/milestones/{launch.tasks}/tasks", json={"name": name, "required": False})
    assert answer.status_code == 201, answer.text
    return name


def test_what_somebody_types_survives_an_update_and_waits_for_nothing(
    watched: Visit, product: Product, launch: Launch
) -> None:
    watched.page.locator("#milestones summary").first.click()
    evidence = watched.page.get_by_label(EVIDENCE)
    evidence.press_sequentially("Signed by")

    added, actual = add_task(product, launch), sold(product, launch)

    watched.page.locator("#figures", has_text=actual).wait_for()
    evidence.press_sequentially(" all shops")
    assert not watched.page.get_by_role("button", name=added).is_visible()
    watched.page.get_by_role("button", name=launch.to_do[0]).focus()
    watched.page.get_by_role("button", name=added).wait_for()
    assert evidence.input_value() == "Signed by all shops"
    assert launch.to_do[0] in watched.focused()


def test_a_stream_comes_back_after_the_api_was_killed(watched: Visit, product: Product, launch: Launch) -> None:
    product.processes("milemarker", "api")[0].kill()
    eventually(lambda: answers(watched.at), bool)

    actual = sold(product, launch)

    watched.page.locator("#figures", has_text=actual).wait_for()
    watched.live()
    watched.complaints.clear()  # the browser told of a connection that broke


def test_a_page_that_is_cut_off_for_long_says_so_until_it_is_live_again(watched: Visit) -> None:
    stream = re.compile(r"/live\?")
    watched.page.route(stream, lambda route: route.abort())
    watched.page.evaluate("start()")
    watched.page.locator("#live", has_text="reconnecting").wait_for()

    watched.page.unroute(stream)

    watched.live()
    watched.complaints.clear()  # the browser told of each try


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_whoever_is_signed_out_is_told_so(watched: Visit, product: Product) -> None:
    watched.page.context.clear_cookies()
    watched.page.evaluate("start()")

    said = watched.page.locator("#live", has_text="signed out")
    said.wait_for()
    said.get_by_role("link", name="sign in").click()
    watched.page.get_by_label("API key").fill(product.key)
    watched.page.get_by_role("button", name="Sign in").click()
    watched.live()

    watched.page.evaluate("fetch('/logout', {method: 'POST', redirect: 'manual'})")

    said.get_by_role("link", name="sign in").wait_for()
    watched.complaints.clear()  # the browser told of a stream that it was refused


def test_figures_that_may_be_old_are_called_so_until_they_are_fresh(watched: Visit) -> None:
    watched.page.evaluate("source.dispatchEvent(new MessageEvent('stale', {data: '{}'}))")
    watched.page.locator("#live", has_text="figures may be old").wait_for()

    watched.page.evaluate("source.dispatchEvent(new MessageEvent('fresh', {data: '{}'}))")

    watched.live()
