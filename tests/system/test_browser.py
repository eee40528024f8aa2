"""The pages in a browser: for every eye and hand, light and quick, and asking nothing of other hosts."""

from pathlib import Path

import pytest

from tests.system.browsing import DESK, FIRST_LOAD_BYTES_MAX, PLAIN, SCREENS, Chromium, Screen
from tests.system.launch import NAME, Launch
from tests.system.product import Product

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
@pytest.mark.parametrize("page", ["overview", "target"])
def test_a_page_is_for_everybody(
    browser: Chromium, launch: Launch, pictures: Path, page: str, screen: Screen, request: pytest.FixtureRequest
) -> None:
    with browser.visit(screen) as visit:
        visit.go(path_of(page, launch))

        visit.page.screenshot(path=pictures / f"{request.node.callspec.id}.png", full_page=True)
        assert NAME in visit.page.inner_text("body")
        assert visit.barriers() == []
        assert visit.too_wide() == 0
        assert sum(visit.taken) < FIRST_LOAD_BYTES_MAX


def path_of(page: str, launch: Launch) -> str:
    return "/" if page == "overview" else f"/targets/{launch.target}"


def test_a_stranger_is_asked_to_sign_in_and_comes_where_they_wanted(
    browser: Chromium, product: Product, launch: Launch
) -> None:
    with browser.visit(stranger=True) as visit:
        visit.go(f"/targets/{launch.target}")
        assert visit.barriers() == []

        visit.page.get_by_label("API key").fill(product.key)
        visit.page.get_by_role("button", name="Sign in").click()

        visit.page.get_by_role("heading", name=NAME).wait_for()
        assert visit.page.url == f"{visit.at}/targets/{launch.target}"


def test_the_keyboard_alone_does_a_task(browser: Chromium, launch: Launch) -> None:
    with browser.visit() as visit:
        visit.go(f"/targets/{launch.target}")
        visit.page.keyboard.press("Tab")
        assert visit.focused() == "Skip to the content"
        visit.page.keyboard.press("Enter")
        visit.tab_to(launch.to_do[0])

        visit.page.keyboard.press("Enter")

        task = visit.page.get_by_role("button", name=launch.to_do[0], pressed=True)
        task.wait_for()
        assert launch.to_do[0] in visit.focused()


def test_a_task_is_done_without_javascript(browser: Chromium, launch: Launch) -> None:
    with browser.visit(PLAIN) as visit:
        visit.go(f"/targets/{launch.target}")
        task = visit.page.get_by_role("button", name=launch.to_do[1])
        assert task.get_attribute("aria-pressed") == "false"

        task.click()

        assert task.get_attribute("aria-pressed") == "true"


def test_the_picture_of_the_page(browser: Chromium, launch: Launch, pictures: Path) -> None:
    with browser.visit(DESK) as visit:
        visit.go(f"/targets/{launch.target}")
        visit.live()

        visit.page.screenshot(path=pictures / "target.png")

        assert (pictures / "target.png").stat().st_size < 150_000
