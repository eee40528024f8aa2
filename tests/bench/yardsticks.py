"""What Milemarker is measured beside: plain `eventsourcing`, and COPY into a table with the same key."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import Cursor
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow


class Tally(Aggregate):
    @event("Begun")
    def __init__(self, name: str) -> None:
        self.name, self.total = name, 0

    @event("Counted")
    def count(self, sale: str, amount: int) -> None:
        self.total += amount


class Tallies(Application[UUID]):
    pass


class TallyView(PostgresTrackingRecorder):
    """One row that is added to, with the position in the same transaction."""

    def _create_table(self, curs: Cursor[DictRow]) -> None:
        super()._create_table(curs)
        curs.execute("CREATE TABLE IF NOT EXISTS tally (one bool PRIMARY KEY, total bigint)")
        curs.execute("INSERT INTO tally VALUES (true, 0) ON CONFLICT DO NOTHING")


class TallyProjection(Projection[TallyView]):
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        with self.view.datastore.transaction(commit=True) as curs:
            self.view._insert_tracking(curs, tracking)
            curs.execute("UPDATE tally SET total = total + %s", (getattr(domain_event, "amount", 0),))


def plain_eventsourcing(database: str, sales: Sequence[dict[str, Any]]) -> float:
    """Sales a second with the library as its tutorial uses it: one save a sale, three targets, a ProjectionRunner."""
    given = conninfo_to_dict(database)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given["port"]),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": str(given["password"]),
    }
    with ProjectionRunner(
        application_class=Tallies, projection_class=TallyProjection, view_class=TallyView, env=env
    ) as runner:
        app = runner.app
        ids = [uuid4() for _ in range(3)]
        for number in range(3):
            tally = Tally(name=f"target {number}")
            ids[number] = tally.id
            app.save(tally)
        began = time.perf_counter()
        position = 0
        for sale in sales:
            tallies: list[Tally] = [app.repository.get(one) for one in ids]
            for tally in tallies:
                tally.count(sale["id"], round(float(sale["amount"]) * 100))
            position = app.save(*tallies)[-1].notification.id
        runner.wait(position, timeout=60)
        return len(sales) / (time.perf_counter() - began)


def copy_of_sales(database: str, sales: Sequence[dict[str, Any]]) -> float:
    """Sales a second by COPY into a table keyed by source and id."""
    once = list({sale["id"]: sale for sale in sales}.values())
    with psycopg.connect(database) as connection:
        connection.execute(
            "CREATE TABLE copied (source text, id text, amount bigint, occurred_at timestamptz, said json,"
            " PRIMARY KEY (source, id))"
        )
        connection.commit()
        began = time.perf_counter()
        with connection.cursor().copy("COPY copied FROM STDIN") as copy:
            for sale in once:
                amount = int(sale["amount"].replace(".", ""))
                said = orjson.dumps(sale["dimensions"]).decode()
                copy.write_row((sale["source"], sale["id"], amount, sale["occurred_at"], said))
        connection.commit()
        took = time.perf_counter() - began
        connection.execute("DROP TABLE copied")
    return len(once) / took
