"""Real servers for the tests: one PostgreSQL and one NATS a run, a database of its own for each test that asks."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from psycopg.sql import SQL, Identifier

from deploy.embedded import EmbeddedNats, EmbeddedPostgres
from projections.store import Store, migrate, open_store
from tests.databases import TEMPLATE, Databases, at, run

# How long an example takes depends on what else the machine does: no test asserts on time.
settings.register_profile("milemarker", deadline=None)
settings.load_profile("milemarker")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=3, help="how many processes the fault test kills; `make faults`: 10")
    parser.addoption("--runs", type=int, default=60, help="how many histories chance writes; `make thorough`: 2000")
    parser.addoption("--pictures", metavar="DIR", help="where the browser tests leave pictures; `make pictures`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: whoever of the workers had them last would work alone for minutes."""
    items.sort(key=lambda item: item.path.parent.name != "system")


@pytest.fixture(scope="session")
def servers_directory() -> Iterator[Path]:
    # Not pytest's own: socket paths have at most 107 characters.
    directory = Path(tempfile.mkdtemp(prefix="mm-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(servers_directory: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(servers_directory) as server:
        run(server.url, SQL("CREATE DATABASE {}").format(Identifier(TEMPLATE)))
        migrate(at(server.url, TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    return Databases(postgres.url)


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    """The URL of a migrated database that nobody else uses."""
    url = databases.lend()
    yield url
    databases.take_back(url)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with open_store(database) as opened:
        yield opened


@pytest.fixture(scope="session")
def nats_server(servers_directory: Path) -> Iterator[EmbeddedNats]:
    with EmbeddedNats(servers_directory) as server:
        yield server
