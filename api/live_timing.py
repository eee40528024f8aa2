"""How often live streams look, ask, and say that they live."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """In seconds. every: between two looks at one thing, at least; at_most: the longest, as time passes too;
    quiet: a stream without news says that it lives; asked: between two questions whether whoever watches still may;
    old: news that waits so long for a look makes what is shown old; age: then a stream ends, so that none leads to a
    server that is gone; again: a browser whose stream has ended comes back after this."""

    every: float = 1.0
    at_most: float = 30.0
    quiet: float = 15.0
    asked: float = 3.0
    old: float = 5.0
    age: float = 120.0
    again: float = 1.0
    gather: float = 0.1
    """Viewers who come within this are looked for together."""
