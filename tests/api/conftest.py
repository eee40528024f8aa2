"""One living API for all tests of HTTP: each works on metrics and targets of its own."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.sql import SQL, Identifier

from deploy.embedded import EmbeddedNats, EmbeddedPostgres
from tests.api.living import Living, Time, living
from tests.databases import TEMPLATE, at, run


@pytest.fixture(scope="package")
def api_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    name = f"api_{uuid4().hex}"
    run(postgres.url, SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(TEMPLATE)))
    yield at(postgres.url, name)
    run(postgres.url, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="package")
def api_nats(servers_directory: Path) -> Iterator[EmbeddedNats]:
    # Its own: on the one that others use, their ingest would answer our requests.
    directory = servers_directory / "api"
    directory.mkdir()
    with EmbeddedNats(directory) as server:
        yield server


@pytest.fixture(scope="package")
def _api(api_database: str, api_nats: EmbeddedNats) -> Iterator[Living]:
    with living(api_database, api_nats.url) as running:
        yield running


@pytest.fixture
def api(_api: Living) -> Iterator[Living]:
    yield _api
    _api.time.now = Time.now


@pytest.fixture(scope="package")
def _careful(api_database: str, api_nats: EmbeddedNats, _api: Living) -> Iterator[Living]:
    with living(api_database, api_nats.url, ingest=False, projections=False, revisions_need_approval=True) as running:
        yield running


@pytest.fixture
def careful(_careful: Living, api: Living) -> Iterator[Living]:
    """The API where revisions need approval, over the same log as the other one."""
    yield _careful
    _careful.time.now = Time.now
