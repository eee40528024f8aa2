"""PostgreSQL and NATS of their own for a measurement."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded import EmbeddedNats, EmbeddedPostgres


@contextmanager
def servers() -> Iterator[tuple[EmbeddedPostgres, EmbeddedNats]]:
    directory = Path(tempfile.mkdtemp(prefix="mm-bench-"))
    try:
        with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as server:
            yield postgres, server
    finally:
        shutil.rmtree(directory, ignore_errors=True)
