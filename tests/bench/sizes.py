"""How much each row measures: all of it, or little for a first look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    sales_few: int = 10_000
    sales: int = 100_000
    """In one run of one a message, and of 500 a message; growth compares parts of the same size."""
    plain_sales: int = 400
    sales_grown: int = 1_000_000
    targets: int = 56
    targets_few: int = 10
    targets_more: int = 1_000
    targets_grown: int = 10_000
    best_of: int = 2
    latency_sales: int = 400
    latency_rate: int = 1_000
    """Background sales a second."""
    latency_every_s: float = 0.1
    rebuilt_sales: int = 1_000_000
    read_s: float = 4.0
    """How long each number of connections reads, per run."""
    targets_at_midnight: int = 10_000
    viewers: int = 500


FULL = Sizes()
QUICK = Sizes(
    sales_few=5_000,
    sales=20_000,
    plain_sales=100,
    sales_grown=100_000,
    targets_more=200,
    targets_grown=1_000,
    best_of=1,
    latency_sales=60,
    rebuilt_sales=50_000,
    read_s=1.0,
    targets_at_midnight=200,
    viewers=50,
)
TINY = Sizes(
    sales_few=100,
    sales=500,
    plain_sales=5,
    sales_grown=1_500,
    targets_few=5,
    targets_more=30,
    targets_grown=60,
    best_of=1,
    latency_sales=5,
    latency_rate=100,
    rebuilt_sales=1_000,
    read_s=0.1,
    targets_at_midnight=20,
    viewers=5,
)
