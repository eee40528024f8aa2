"""One running product for the tests that only use it; those that hurt it start their own."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.system.browsing import Chromium, chromium
from tests.system.launch import Launch, launched
from tests.system.product import Product, eventually


@pytest.fixture
def hurt() -> Iterator[Product]:
    """A product of this test's own, which may be killed."""
    yield from _running()


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    yield from _running()


@pytest.fixture(scope="session")
def launch(product: Product) -> Launch:
    """A target three weeks under way, with verdicts, milestones and tasks."""
    made = launched(product, datetime.now(UTC))
    checkpoints = f"/v1/targets/{made.target}/checkpoints"
    eventually(
        lambda: product.api.get(checkpoints).json()["items"],
        lambda items: sum(one["state"] != "pending" for one in items) >= 3,
    )
    return made


@pytest.fixture(scope="module")
def browser(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Signed in by a link. Of a module, not the session: while it is open, no other test can run a loop of its own."""
    with chromium(product.endpoints["http"], tmp_path_factory.mktemp("chromium")) as opened:
        with opened.visit(stranger=True) as first:
            first.page.goto(product.command("login").stdout.strip())
            opened.signed_in = first.page.context.storage_state()
        yield opened


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tests leave pictures of what they saw: --pictures DIR."""
    named = request.config.getoption("--pictures")
    return Path(named) if named else tmp_path_factory.mktemp("pictures")


def _running() -> Iterator[Product]:
    parent = Path(tempfile.mkdtemp(prefix="mm-up-"))
    running = Product(parent / "data").start()
    yield running
    code = running.stop()
    said = running.output()
    shutil.rmtree(parent, ignore_errors=True)
    assert code == 0, said
