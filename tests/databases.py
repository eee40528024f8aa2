"""Migrated databases for tests: one that comes back unharmed is emptied and lent again under another name.

To make one costs ten times as much CPU as to empty one, and hundreds of tests ask. Whoever still knows the old name
finds nothing there.
"""

from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

TEMPLATE = "milemarker_template"

# All that a test could have changed but rows: the tables themselves, what hangs on them, and settings.
SHAPE = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
    SELECT concat_ws(':', c.oid, c.relname, c.relkind, c.reloptions::text, c.relpersistence, c.relrowsecurity,
        i.indisvalid, pg_get_indexdef(i.indexrelid)) AS part
    FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(':', attrelid, attnum, attname, atttypid, attnotnull, attisdropped)
    FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(':', 'constraint', oid, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(':', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(':', 'rule', oid, rulename) FROM pg_rewrite WHERE oid >= 16384
    UNION ALL SELECT concat_ws(':', 'function', oid, md5(prosrc)) FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT concat_ws(':', 'schema', oid, nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_(toast_)?temp_'
    UNION ALL SELECT concat_ws(':', 'type', oid, typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(':', 'setting', setdatabase, setrole, setconfig::text) FROM pg_db_role_setting
) AS shape
"""
USED = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
RESTART = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE last_value IS NOT NULL
"""
OTHERS_END = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"


class Databases:
    """Copies of TEMPLATE, on the server that a superuser's URL leads to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.free: list[str] = []
        with psycopg.connect(at(url, TEMPLATE)) as template:
            self._shape = _shape(template)
            self._rows = {name: _copied(template, name) for name in _used(template)}

    def end(self) -> None:
        """Those that nobody has are dropped; the server's own end drops them too."""
        for name in self.free:
            run(self.url, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def lend(self) -> str:
        """The URL of a migrated database that nobody else uses, under a name that nobody has used."""
        name = f"test_{uuid4().hex}"
        if self.free:
            run(self.url, SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(self.free.pop()), Identifier(name)))
        else:
            run(self.url, SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(TEMPLATE)))
        return at(self.url, name)

    def take_back(self, url: str) -> None:
        name = url.rsplit("/", 1)[1]
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(OTHERS_END, (name,))
        if self._emptied(url):
            self.free.append(name)
        else:
            run(self.url, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def _emptied(self, url: str) -> bool:
        """False where more than rows was changed: that one is no copy of the template any more."""
        with psycopg.connect(url) as connection:
            if _shape(connection) != self._shape:
                return False
            connection.execute("SET LOCAL synchronous_commit = off")
            connection.execute(f"TRUNCATE {', '.join(_used(connection))}".encode())
            for name, rows in self._rows.items():
                with connection.cursor().copy(f"COPY {name} FROM STDIN".encode()) as copy:
                    copy.write(rows)
            connection.execute(RESTART)
            return True


def at(url: str, database: str) -> str:
    """The same server, another database."""
    return f"{url.rsplit('/', 1)[0]}/{database}"


def run(url: str, statement: object) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def _shape(connection: psycopg.Connection) -> str:
    row = connection.execute(SHAPE).fetchone()
    assert row is not None
    return str(row[0])


def _used(connection: psycopg.Connection) -> list[str]:
    """The tables that have rows, or had some."""
    return [row[0] for row in connection.execute(USED)]


def _copied(connection: psycopg.Connection, name: str) -> bytes:
    with connection.cursor().copy(f"COPY {name} TO STDOUT".encode()) as copy:
        return b"".join(bytes(part) for part in copy)
