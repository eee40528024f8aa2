"""Verifies that each entry of the ledger is as it was published, and takes back what its sale counted before."""

from collections.abc import Iterator, Sequence

from domain.ledger import Entry, Reversal, SalesRecorded
from domain.sale import Key
from projections.store import Store


class Corrected:
    """The versions of the sales that were corrected, to hold each reversal against what it takes back."""

    def __init__(self, store: Store) -> None:
        with store.views.datastore.cursor() as curs:
            curs.execute("SELECT source, id, root FROM sale_identities WHERE root IS NOT NULL")
            self._root_of = {Key(row["source"], row["id"]): Key(row["source"], row["root"]) for row in curs}
        self._roots = set(self._root_of.values())
        self._latest: dict[Key, Reversal | None] = {}

    def wrong(self, entries: Sequence[Entry]) -> Iterator[str]:
        for entry in entries:
            if entry.counts is not None and abs(entry.counts) != abs(entry.amount):
                yield f"{entry.source} {entry.id} has amount {entry.amount} and counts {entry.counts}"
            root = self._root_of.get(entry.key, entry.key)
            if root not in self._roots or entry.state in ("waiting", "lapsed"):
                continue
            if root != entry.key and entry.reverses != self._latest.get(root):
                yield f"{entry.source} {entry.id} takes back something else than what {root.id} counted"
            self._latest[root] = (
                None
                if entry.counts is None
                else Reversal(entry.metric, -entry.counts, entry.occurred_at, entry.matches_by)
            )


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
