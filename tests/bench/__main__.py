"""`make bench`: every row of the table of speed, each beside its yardstick of the same run.

JSON lines on stdout as they come, then the table; what is being done, on stderr. Nothing asserts on time. Each row
runs in a process of its own: one that fails, or takes too long, is said and does not lose the others.
"""

import argparse
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

import psutil

from tests.bench.reporting import Failed, Line, read_line, table
from tests.bench.rows import ROWS
from tests.bench.sizes import FULL, QUICK, TINY

ROW_S_MAX = 600.0
END_WITHIN_S = 60.0
SIZES = {"full": FULL, "quick": QUICK, "tiny": TINY}


def main(arguments: list[str]) -> int:
    """0 when every row was measured, whatever came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", dest="size", action="store_const", const="quick", default="full", help="little data")
    parser.add_argument("--tiny", dest="size", action="store_const", const="tiny", help="hardly any: does it run?")
    parser.add_argument("--only", action="append", choices=[*ROWS], metavar="NAME", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the JSON lines, in a file too")
    parser.add_argument("--one", choices=[*ROWS], help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        return _one(given.one, given.size)
    lines = _all(given.only or [*ROWS], given.size)
    if given.json:
        given.json.write_bytes(b"".join(line.as_json() + b"\n" for line in lines))
    print("\n" + table(lines))
    return 1 if any(isinstance(line, Failed) for line in lines) else 0


def _all(names: list[str], size: str) -> list[Line | Failed]:
    lines: list[Line | Failed] = []
    began = time.monotonic()
    for number, name in enumerate(names, 1):
        print(f"[{number}/{len(names)}] {name}", file=sys.stderr, flush=True)
        for line in _in_process(name, size):
            print(line.as_json().decode(), flush=True)
            lines.append(line)
    print(f"all in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return lines


def _in_process(name: str, size: str) -> list[Line | Failed]:
    command = [sys.executable, "-m", "tests.bench", f"--{size}", "--one", name]
    if size == "full":
        command.remove("--full")
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        said, _ = child.communicate(timeout=ROW_S_MAX)
    except BaseException as error:
        said = _end(child)
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        return [*_read(said), Failed(name, f"not done within {ROW_S_MAX:.0f} s")]
    lines = _read(said)
    if child.returncode != 0 and not any(isinstance(line, Failed) for line in lines):
        lines.append(Failed(name, f"its process ended with code {child.returncode}"))
    return lines


def _end(child: "subprocess.Popen[bytes]") -> bytes:
    """As Ctrl-C does, so that it ends what it has started; what does not end then is killed."""
    started = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGINT)
    try:
        return child.communicate(timeout=END_WITHIN_S)[0]
    except subprocess.TimeoutExpired:
        child.kill()
    for process in started:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    return child.communicate()[0]


def _read(said: bytes) -> list[Line | Failed]:
    return [read_line(line) for line in said.splitlines() if line.startswith(b"{")]


def _one(name: str, size: str) -> int:
    try:
        for line in ROWS[name](SIZES[size]):
            print(line.as_json().decode(), flush=True)
    except Exception as error:  # noqa: BLE001 - said, whatever it is
        traceback.print_exc()
        print(Failed(name, f"{type(error).__name__}: {error}").as_json().decode(), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
