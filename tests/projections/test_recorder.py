"""The log's recorder holds what the library promises of recorders: the library's own cases, on a real PostgreSQL."""

import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from projections.recorder import LogRecorder

if "eventsourcing.cipher" not in sys.modules:
    # The module of the cases names this one, which wants pycryptodome; no case of a recorder encrypts.
    sys.modules["eventsourcing.cipher"] = ModuleType("eventsourcing.cipher")
    sys.modules["eventsourcing.cipher"].AESCipher = None  # type: ignore[attr-defined]
from eventsourcing.tests import persistence as cases

del sys.modules["eventsourcing.cipher"]


class OnPostgres:
    """A recorder with a table of its own in a database of its own; the cases ask for one each."""

    @pytest.fixture(autouse=True)
    def _datastore(self, database: str) -> Iterator[None]:
        given = conninfo_to_dict(database)
        with PostgresDatastore(
            dbname=str(given["dbname"]),
            host=str(given["host"]),
            port=str(given["port"]),
            user=str(given["user"]),
            password=str(given["password"]),
            originator_id_type="uuid",
            pool_size=5,
            max_overflow=15,
        ) as self.datastore:
            yield

    def create_recorder(self) -> LogRecorder:
        recorder = LogRecorder(self.datastore, events_table_name="cases_events")
        recorder.create_table()
        return recorder


class TestApplicationRecorder(OnPostgres, cases.ApplicationRecorderTestCase[LogRecorder]):
    # After a refused insert the sequence has moved on, as with the library's own PostgreSQL recorder.
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False

    # Its optional case of subscriptions is left out: the library's subscription misses an event that commits before it
    # listens, and then waits for ever. Nothing here subscribes: `following.py` polls as well.


class TestNonInterleaving(OnPostgres, cases.NonInterleavingNotificationIDsBaseCase):
    pass


class AsAggregateRecorder(LogRecorder):
    """The cases of aggregate recorders want no positions from an insert; an application recorder gives them."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class TestAggregateRecorder(OnPostgres, cases.AggregateRecorderTestCase):
    def create_recorder(self) -> LogRecorder:
        recorder = AsAggregateRecorder(self.datastore, events_table_name="cases_events")
        recorder.create_table()
        return recorder


class TestArrays(OnPostgres):
    """What goes in as binary arrays comes out as it was."""

    def test_any_bytes_text_and_version_come_back_as_they_were(self) -> None:
        recorder = self.create_recorder()
        stored = [
            StoredEvent(uuid4(), version, topic, state)
            for version, topic, state in [
                (0, "", b""),
                (1, "topic", bytes(range(256))),
                (2**62, 'dots.and_{braces},"quotes" \\ NULL 東京', b"NULL"),
            ]
        ]

        recorder.insert_events(stored)

        assert [recorder.select_events(one.originator_id) for one in stored] == [[one] for one in stored]

    def test_positions_follow_the_order_given_also_of_many(self) -> None:
        recorder = self.create_recorder()
        batch = uuid4()
        stored = [StoredEvent(batch, version, "topic", b"") for version in range(3_000, 0, -1)]

        positions = recorder.insert_events(stored)

        assert positions == list(range(1, 3_001))
        assert [one.originator_version for one in recorder.select_notifications(1, 3_000)] == list(range(3_000, 0, -1))
