"""Keeps one server for one owner: starts it, and ends it when the owner asks or dies. A script, run by
`processes.py`.

Arguments: stop signal, seconds of grace, `uid:gid` to run as (empty: as we are), then the server's command.

Why a keeper between `up` and a server, and not prctl(PR_SET_PDEATHSIG), an exit handler, or a watcher beside
the server:
- It holds the read end of a pipe whose write end the owner alone holds. The kernel closes that end however
  the owner goes, SIGKILL included, on Linux and macOS alike. PDEATHSIG is Linux only, fires when the *thread*
  that started the server ends, and is forgotten when the server changes its user.
- It is the server's parent, so the server's pid cannot be given to someone else before the keeper has reaped
  it: the signal always reaches the right process, and there is no moment at which a server runs and nobody
  keeps it.
- A clean stop is the same act (the owner closes its end), so this path is walked every day and not in
  disasters only.
It leads a session of its own, so that Ctrl-C in the owner's terminal leaves the order of stopping to the
owner.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from types import FrameType

OWNER_FD = 0

# The same everywhere: what a server does must not depend on the shell that `up` was typed into. On macOS
# postgres also refuses to start when LC_ALL is unset.
SERVER_ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}


def main(arguments: list[str]) -> int:
    """Return the server's exit code, or 128 + n when signal n ended it."""
    stop_signal, grace_s, user, *command = arguments
    uid, gid = (int(part) for part in user.split(":")) if user else (None, None)
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        env=SERVER_ENVIRONMENT,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
    )

    def end(_number: int, _frame: FrameType | None) -> None:
        server.send_signal(int(stop_signal))

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    threading.Thread(target=_end_with_owner, args=(server, int(stop_signal), float(grace_s)), daemon=True).start()
    code = server.wait()
    return code if code >= 0 else 128 - code


def _end_with_owner(server: subprocess.Popen[bytes], stop_signal: int, grace_s: float) -> None:
    while os.read(OWNER_FD, 1):
        pass  # the owner writes nothing: only the end of the pipe speaks
    server.send_signal(stop_signal)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(grace_s)
    server.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
