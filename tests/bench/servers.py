"""PostgreSQL and NATS of their own for a measurement, and databases in it that nobody else uses."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from deploy.embedded import EmbeddedNats, EmbeddedPostgres


@contextmanager
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mm-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def servers() -> Iterator[tuple[EmbeddedPostgres, EmbeddedNats]]:
    with directory() as made, EmbeddedPostgres(made) as postgres, EmbeddedNats(made) as server:
        yield postgres, server


@contextmanager
def database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The URL of an empty database. What earlier ones left unwritten is written first, so that all start alike."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
        connection.execute("CHECKPOINT")
    yield f"{postgres.url.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
