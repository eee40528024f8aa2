"""CPU seconds of processes and all that they have started, ended ones too."""

from collections.abc import Mapping

import psutil


def cpu_s(pid: int) -> float:
    """User and system time of this process and of everything below it."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    # Children that have ended count with whoever has waited for them.
    spent = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        try:
            spent += cpu_s(child.pid)
        except psutil.NoSuchProcess:
            continue
    return float(spent)


class Spent:
    """CPU seconds of each of these since it was made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._before = {name: cpu_s(pid) for name, pid in self._pids.items()}

    def so_far(self) -> dict[str, float]:
        return {name: cpu_s(pid) - self._before[name] for name, pid in self._pids.items()}
