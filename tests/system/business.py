"""A shop's first quarter of 2017, made with a seed, and what it comes to by plain Python."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

EASTERN = timezone(timedelta(hours=-5))
DEPARTMENTS = ("grocery", "produce", "meat", "pastry", "drug", "deli")
STORES = tuple(f"s{number}" for number in range(300, 312))

Sale = dict[str, Any]


def quarter(count: int, seed: int = 20170101) -> list[Sale]:
    """So many sales from January to March, oldest first, some of them in the last second of a month."""
    chance = random.Random(seed)
    begins = datetime(2017, 1, 1, tzinfo=EASTERN)
    seconds = sorted(chance.randrange(90 * 24 * 3600) for _ in range(count - 3))
    edges = [31 * 24 * 3600 - 1, 31 * 24 * 3600, 59 * 24 * 3600]
    return [
        {
            "source": "shop",
            "id": f"basket-{number}",
            "metric": "revenue",
            "amount": f"{chance.randrange(2, 9000) / 100:.2f}",
            "unit": "USD",
            "occurred_at": (begins + timedelta(seconds=second)).isoformat(),
            "dimensions": {"store": chance.choice(STORES), "department": chance.choice(DEPARTMENTS)},
        }
        for number, second in enumerate(sorted([*seconds, *edges]))
    ]


def cents(sales: Iterable[Sale], matches: Callable[[Sale], bool]) -> int:
    """What the matching ones come to, without the product's help."""
    return sum(int(sale["amount"].replace(".", "")) for sale in sales if matches(sale))


def in_month(month: int) -> Callable[[Sale], bool]:
    return lambda sale: sale["occurred_at"].startswith(f"2017-{month:02d}")


def dollars(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def write_ndjson(path: Path, sales: Iterable[Sale]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(sale) + b"\n" for sale in sales))
    return path


def january(goal: str = "1000.00", **changes: Any) -> dict[str, Any]:
    """A target for January 2017 as a manager would post it."""
    return {
        "name": "January 2017",
        "metric": "revenue",
        "unit": "USD",
        "kind": "cumulative",
        "goal": goal,
        "start": "2017-01-01",
        "end": "2017-01-31",
        "time_zone": "Etc/GMT+5",
        "checkpoints": "FREQ=WEEKLY;BYDAY=FR",
        "activate": True,
    } | changes
