"""The log in memory, for tests that run whole scenarios by the hundred; tests/projections/test_memory.py holds it
against the real one."""

from domain.application import Milemarker
from projections.store import ENVIRONMENT

KEPT = ("TRANSCODER_TOPIC", "MAPPER_TOPIC")


def memory_app() -> Milemarker:
    """The application on a log of its own; facts become JSON and are read from it, as in the real one."""
    env = {name: ENVIRONMENT[name] for name in KEPT}
    return Milemarker(env | {"PERSISTENCE_MODULE": "tests.memory.recorder:MemoryFactory"})
