"""Verifies that each entry of the ledger is as it was published, and does what the versions before it make it do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.facts import LEDGER_TOPICS
from domain.ledger import Entry, SalesRecorded, bare
from domain.sale import Key
from domain.settlement import Version, act
from projections.codec import said_by
from projections.store import Store

BATCHES_AT_ONCE = 100
NAMING = """
SELECT notification_id, state FROM milemarker_events
WHERE notification_id > %s AND topic = ANY(%s) AND position('"corrects":'::bytea IN state) > 0
ORDER BY notification_id LIMIT %s
"""
DOES = {
    "counts": "does not count what was published",
    "level": "does not say the level that was published",
    "reverses": "takes back something else than what {named} counted",
    "inherited": "matches by other dimensions than those of {named}",
    "credited": "is not split as it was published, or as {named} is",
    "original_at": "has another time of its original than {named} has",
}
NOT_OF_OLD = frozenset({"level", "credited", "original_at"})
"""What entries did not say once: one that is silent about it counted without it."""


@dataclass(frozen=True)
class _Naming:
    source: str
    corrects: str | None = None


@dataclass(frozen=True)
class _Batch:
    entries: list[_Naming]


class Corrected:
    """The versions of the sales that others name, to hold what each entry does against them."""

    def __init__(self, store: Store) -> None:
        self._named = set(_named(store))
        self._names: dict[Key, Key] = {}
        self._latest: dict[Key, Version] = {}

    def wrong(self, entries: Sequence[Entry]) -> Iterator[str]:
        for entry in entries:
            replaces = entry.kind in ("void", "correction")
            named = Key(entry.source, entry.corrects) if entry.corrects is not None else None
            root = self._root(entry.key if named is None else named)
            if replaces and root != entry.key:
                self._names[entry.key] = root
            latest = self._latest.get(root) if named is not None else None
            acts = entry.state not in ("waiting", "lapsed")
            if acts and replaces and latest is None:
                yield f"{entry.source} {entry.id} takes back {entry.corrects}, which is not recorded before it"
                continue
            yield from _wrong(entry, latest, acts)
            if not acts:
                continue
            if replaces and latest is not None:
                self._latest[root] = Version(latest.kind, entry)
            elif entry.key in self._named:
                self._latest[entry.key] = Version(entry.kind, entry)

    def _root(self, key: Key) -> Key:
        """The sale that a version of it names, as far as the versions between are recorded."""
        while (named := self._names.get(key)) is not None:
            key = named
        return key


def _named(store: Store) -> Iterator[Key]:
    """What any void, correction or refund in the ledger names."""
    after = 0
    while True:
        with store.views.datastore.cursor() as curs:
            curs.execute(NAMING, (after, LEDGER_TOPICS, BATCHES_AT_ONCE))
            page = curs.fetchall()
        for row in page:
            for one in said_by(_Batch, row["state"])["entries"]:
                if one.corrects is not None:
                    yield Key(one.source, one.corrects)
        if len(page) < BATCHES_AT_ONCE:
            return
        after = page[-1]["notification_id"]


def _wrong(entry: Entry, named: Version | None, acts: bool) -> Iterator[str]:
    """What it does and should not, by the latest version of what it names. acts: unless it waits, or has lapsed."""
    due = bare(entry, entry.state)
    if acts:
        act(due, named)
    if due == entry:
        return
    for name, does in DOES.items():
        said = getattr(entry, name)
        if said != getattr(due, name) and not (said is None and name in NOT_OF_OLD):
            yield f"{entry.source} {entry.id} {does.format(named=entry.corrects)}"


def wrong_contents(store: Store, recorded: SalesRecorded) -> Iterator[str]:
    """The entries whose content is not what their identity was made from."""
    entries = recorded.entries
    with store.views.datastore.cursor() as curs:
        curs.execute(
            "SELECT k.n, s.content, s.batch FROM unnest(%b::text[], %b::text[]) WITH ORDINALITY AS k (source, id, n)"
            " LEFT JOIN sale_identities AS s USING (source, id)",
            ([entry.source for entry in entries], [entry.id for entry in entries]),
            prepare=True,
        )
        identities = {row["n"]: (row["content"], row["batch"]) for row in curs}
    for number, entry in enumerate(entries, 1):
        content, batch = identities[number]
        if content is None:
            yield f"{entry.source} {entry.id} has lost its identity: sent again it would count twice"
        elif bytes(content) != entry.content:
            yield (
                f"{entry.source} {entry.id} is not as it was published:"
                f" its amount, {entry.amount}, or another field was changed"
            )
        elif batch != recorded.originator_id and entry.state not in ("applied", "lapsed"):
            yield f"{entry.source} {entry.id} is recorded here, and its identity says in batch {batch}"
