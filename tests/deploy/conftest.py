"""One running `up` for the tests that only use it; those that hurt it start their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.system.product import Product


@pytest.fixture(scope="session")
def machine() -> Iterator[Product]:
    parent = Path(tempfile.mkdtemp(prefix="mm-")).resolve()
    running = Product(parent / "data").start()
    yield running
    code = running.stop()
    said = running.output()
    shutil.rmtree(parent, ignore_errors=True)
    assert code == 0, said


@pytest.fixture
def mortal() -> Iterator[Product]:
    """Not started yet, and the test's to kill; nothing of it may be left."""
    parent = Path(tempfile.mkdtemp(prefix="mm-")).resolve()
    yield Product(parent / "data")
    left = processes_of(parent / "data")
    for process in left:
        process.kill()
    shutil.rmtree(parent, ignore_errors=True)
    assert left == []


def processes_of(directory: Path) -> list[psutil.Process]:
    """Every living process that has to do with this directory: by its command line, or by its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), process.environ().get("MILEMARKER_DATA", "")]
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if any(str(directory) in word for word in words):
            found.append(process)
    return found
