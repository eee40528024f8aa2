"""Pages as people see them, in Debian's Chromium: whatever a page should not do fails the test that visits it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, Request, Route, StorageState, ViewportSize, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: apt-get install chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIRST_LOAD_BYTES_MAX = 60 * 1000
WITHIN_MS = 10_000
AXE_RUN = {"resultTypes": ["violations"]}


class Screen(TypedDict, total=False):
    """How somebody looks at a page."""

    viewport: ViewportSize
    color_scheme: Literal["light", "dark"]
    java_script_enabled: bool
    device_scale_factor: float


DESK: Screen = {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"}
DARK: Screen = {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"}
PHONE: Screen = {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "device_scale_factor": 2}
PLAIN: Screen = {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light", "java_script_enabled": False}
SCREENS = {"light": DESK, "dark": DARK, "phone": PHONE}
SCRIPTS = re.compile(r"<script.*?</script>|</?noscript>", re.DOTALL)


@dataclass
class Visit:
    """One person's browser tab at `at`, and what went on in it."""

    page: Page
    at: str
    strangers: list[str] = field(default_factory=list)
    """Addresses at other hosts that were asked for."""
    complaints: list[str] = field(default_factory=list)
    """What the browser's console says is wrong."""
    finished: list[Request] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.at + path, wait_until="load")

    def without_scripts(self) -> None:
        """Pages as a browser without JavaScript shows them, in one that has it: axe needs it."""
        self.page.route(re.compile(f"{re.escape(self.at)}/(?!static/)"), _stripped)

    def live(self) -> None:
        """Wait until the page says that it is."""
        self.page.locator("#live", has_text="live").wait_for()

    def too_wide(self) -> int:
        """By how many pixels it scrolls sideways."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def barriers(self) -> list[str]:
        """What axe finds: rule and the elements that break it."""
        found = Axe().run(self.page, options=AXE_RUN)
        return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found.response["violations"]]

    def focused(self) -> str:
        """The words on the link or button that has the focus; nothing when none has."""
        told: str = self.page.evaluate(
            "document.activeElement.matches('a,button,summary') ? document.activeElement.innerText : ''"
        )
        return " ".join(told.split())

    def tab_to(self, text: str, most: int = 60) -> None:
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if text in self.focused():
                return
        raise AssertionError(f"the keyboard does not come to {text!r}")

    def heard(self, request: Request) -> None:
        if not request.url.startswith(self.at) and urlsplit(request.url).scheme not in ("data", "blob"):
            self.strangers.append(request.url)

    def first_load(self) -> int:
        """Bytes of all that came."""
        answers = [request.response() for request in self.finished]
        return sum(len(answer.body()) for answer in answers if answer is not None)


def _stripped(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=SCRIPTS.sub("", answer.text()))


class Chromium:
    """One browser for many visits."""

    def __init__(self, browser: Browser, at: str, signed_in: StorageState | None = None) -> None:
        self._browser = browser
        self.at = at
        self.signed_in = signed_in

    @contextmanager
    def visit(self, screen: Screen = DESK, *, stranger: bool = False) -> Iterator[Visit]:
        """Signed in unless a `stranger`; fails at the end when the page did what it should not."""
        state: dict[str, Any] = {} if stranger or self.signed_in is None else {"storage_state": self.signed_in}
        with self._browser.new_context(**screen, **state) as context:
            visit = Visit(context.new_page(), self.at)
            visit.page.set_default_timeout(WITHIN_MS)
            context.on("request", visit.heard)
            context.on("requestfinished", lambda request: visit.finished.append(request))
            context.on("weberror", lambda error: visit.complaints.append(str(error.error)))
            context.on(
                "console",
                lambda said: visit.complaints.append(said.text) if said.type in ("error", "warning") else None,
            )
            yield visit
            assert visit.strangers == []
            assert visit.complaints == []


@contextmanager
def chromium(at: str, home: Path) -> Iterator[Chromium]:
    """Debian's Chromium with its own settings in `home`; `at`: where the pages are."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment: dict[str, str | float | bool] = {**kept, "HOME": str(home)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=environment)
        yield Chromium(browser, at)
        browser.close()
