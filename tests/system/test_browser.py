"""The pages in a browser: for every eye and hand, light and quick, and asking nothing of other hosts."""

from pathlib import Path

import pytest
from playwright.sync_api import FloatRect

from tests.system.browsing import DESK, FIRST_LOAD_BYTES_MAX, PLAIN, SCREENS, Chromium, needs_chromium
from tests.system.launch import NAME, Launch
from tests.system.product import Product

pytestmark = [pytest.mark.xdist_group("browser"), needs_chromium]


@pytest.mark.parametrize("screen", [*SCREENS, "without JavaScript"])
@pytest.mark.parametrize("page", ["overview", "target"])
def test_a_page_is_for_everybody(browser: Chromium, launch: Launch, pictures: Path, page: str, screen: str) -> None:
    with browser.visit(SCREENS.get(screen, DESK)) as visit:
        if screen not in SCREENS:
            visit.without_scripts()
        visit.go(path_of(page, launch))

        visit.page.screenshot(path=pictures / f"{page}-{screen.replace(' ', '-')}.png", full_page=True)
        assert NAME in visit.page.inner_text("body")
        assert visit.barriers() == []
        assert visit.too_wide() == 0
        assert 0 < visit.first_load() < FIRST_LOAD_BYTES_MAX


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


def test_the_readme_has_a_picture_of_the_page(browser: Chromium, launch: Launch, pictures: Path) -> None:
    """`make pictures` keeps it as tests/pictures/target.png."""
    with browser.visit() as visit:
        visit.go(f"/targets/{launch.target}")
        visit.live()
        chart = visit.page.locator("#chart").bounding_box()
        assert chart is not None

        clip: FloatRect = {"x": 0, "y": 0, "width": 1200, "height": chart["y"] + chart["height"] + 16}
        visit.page.screenshot(path=pictures / "target.png", full_page=True, clip=clip)

        assert (pictures / "target.png").stat().st_size < 170_000
