"""Every row there is, in the order of the table. Each is imported when it is its turn."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType

from tests.bench.reporting import Line
from tests.bench.sizes import Sizes

Measure = Callable[[Sizes], Iterable[Line]]


def _of(module: str) -> Measure:
    def measure(sizes: Sizes) -> Iterable[Line]:
        return import_module(f"tests.bench.{module}").measure(sizes)  # type: ignore[no-any-return]

    return measure


ROWS: Mapping[str, Measure] = MappingProxyType(
    {
        "sales": _of("selling"),
        "latency": _of("latency"),
        "rebuild": _of("rebuilding"),
        "read": _of("reading"),
        "viewers": _of("viewers"),
        "growth": _of("growth"),
        "midnight": _of("midnight"),
    }
)
