"""Imports without the garbage collector: they make objects by the ten thousand, and all of these stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """For a process's own imports at its start. What they made is looked through neither meanwhile nor later.

    It saves a process from a tenth to a fifth of the time that its imports take.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
