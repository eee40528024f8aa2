"""Writes: the use cases, which block, in a few threads of their own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from domain.application import Milemarker

Result = TypeVar("Result")


class Writes:
    def __init__(self, app: Milemarker, executor: Executor) -> None:
        self._app = app
        self._executor = executor

    async def do(self, use_case: Callable[[Milemarker], Result]) -> Result:
        """What the use case returns, committed; raises what it refuses."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, use_case, self._app)
