"""Sales as chance publishes them: few ids, so that they meet, collide, chain and wait for one another.

Hypothesis makes short histories and shrinks them; a seeded generator makes long ones by the hundred.
"""

from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.domain.reference import Published

SOURCES = ("web", "shop")
KINDS = ("sale", "sale", "refund", "refund", "void", "void", "correction", "correction", "measurement")
DIMENSIONS: tuple[dict[str, str] | None, ...] = (
    None,
    {"region": "emea"},
    {"region": "us"},
    {"region": "emea", "rep": "ana"},
    {"rep": "ana"},
)
CREDITS: tuple[list[dict[str, Any]], ...] = (
    [{"rep": "ana", "bps": 10_000}],
    [{"rep": "ana", "bps": 3_333}, {"rep": "ben", "bps": 3_334}],
    [{"rep": "eve", "bps": 5_000}, {"rep": "ben", "bps": 2_500}, {"rep": "ana", "bps": 2_500}],
    [{"rep": "ana", "bps": 1}, {"rep": "ana", "bps": 4_999}],
)
BELOW_NOTHING = {"measurement": 0.3, "correction": 0.1}
"""How often the amount has a sign; a correction is refused with one, unless a measurement is corrected."""
DAYS = ("2026-11-01T00:00:00Z", "2026-11-10T12:00:00Z", "2026-10-31T23:59:59.999999Z")


@st.composite
def published(draw: st.DrawFn, ids: str = "abcdef", sources: tuple[str, ...] = SOURCES) -> Published:
    """One sale of any kind; what it names may be known, unknown, itself void, or naming it in turn."""
    return _published(draw(st.randoms(use_true_random=False)), ids, sources)


def _published(chance: Random, ids: str, sources: tuple[str, ...]) -> Published:
    kind = chance.choice(KINDS)
    sale: dict[str, Any] = {
        "source": chance.choice(sources),
        "id": chance.choice(ids),
        "kind": kind,
        "occurred_at": chance.choice(DAYS),
    }
    if kind in ("void", "correction") or (kind == "refund" and chance.random() < 0.7):
        sale["corrects"] = chance.choice([one for one in ids if one != sale["id"]])
    if kind != "void" or chance.random() < 0.2:
        sale |= {
            "metric": chance.choice(("revenue", "revenue", "margin")),
            "unit": "USD",
            "amount": f"{chance.randrange(100)}.{chance.choice(('00', '01'))}",
        }
    if (dimensions := chance.choice(DIMENSIONS)) is not None:
        sale["dimensions"] = dimensions
    if chance.random() < 0.25:
        sale["credit"] = chance.choice(CREDITS)
    if chance.random() < BELOW_NOTHING.get(kind, 0):
        sale["amount"] = f"-{sale['amount']}"
    return sale


def long_history(chance: Random, size: int, ids: str, sources: tuple[str, ...] = SOURCES) -> list[Published]:
    """So many sales, about one in ten published again."""
    history: list[Published] = []
    for _ in range(size):
        again = history and chance.random() < 0.1
        history.append(chance.choice(history) if again else _published(chance, ids, sources))
    return history


def split(chance: Random, history: list[Published], most: int = 8) -> list[list[Published]]:
    return batches(history, [chance.randint(1, most) for _ in history])


def histories(size: int = 14, ids: str = "abcdef") -> st.SearchStrategy[list[Published]]:
    """Sales in the order of their publishing; some of them again, word for word."""
    sales = st.lists(published(ids=ids), min_size=1, max_size=size)
    return sales.flatmap(lambda once: st.lists(st.sampled_from(once), max_size=3).map(lambda again: once + again))


def splits(most: int = 6) -> st.SearchStrategy[list[int]]:
    """How many sales each batch has; the last batch takes the rest."""
    return st.lists(st.integers(1, most), max_size=12)


def batches(history: list[Published], sizes: list[int]) -> list[list[Published]]:
    rest, found = history, []
    for size in sizes:
        found.append(rest[:size])
        rest = rest[size:]
    return [batch for batch in (*found, rest) if batch]
