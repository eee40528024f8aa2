"""One running product for the tests that only use it; those that hurt it start their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.product import Product


@pytest.fixture
def hurt() -> Iterator[Product]:
    """A product of this test's own, which may be killed."""
    yield from _running()


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    yield from _running()


def _running() -> Iterator[Product]:
    parent = Path(tempfile.mkdtemp(prefix="mm-up-"))
    running = Product(parent / "data").start()
    yield running
    code = running.stop()
    said = running.output()
    shutil.rmtree(parent, ignore_errors=True)
    assert code == 0, said
