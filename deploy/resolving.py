"""Looks names up with the machine's resolver, in threads of its own: one slow name delays no other for long."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

LOOK_UPS_MAX = 64


class Resolver:
    """`await resolver(host, port)`: the addresses, best first. Raises OSError when there are none."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOK_UPS_MAX, "resolve")
        self._under_way: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        key = host, port
        looking = self._under_way.get(key)
        if looking is None:
            # Who asks for a name that is being looked up gets the same answer: a dead one holds one thread.
            looking = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
            self._under_way[key] = looking
            looking.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(looking)


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(address[0]) for *_, address in found]
