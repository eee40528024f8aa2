"""`up`: what it says and leaves, and that nothing of it is left, however it ends."""

import asyncio
import signal
import socket
import stat
import subprocess
import time
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import nats
import orjson
import psycopg
import pytest

from tests.deploy.conftest import processes_of
from tests.system.product import MILEMARKER, Product, eventually
from tests.words import sale

pytestmark = pytest.mark.xdist_group("up")

GONE_WITHIN_S = 15


def test_it_says_where_it_is_and_what_to_do_next(machine: Product) -> None:
    url = machine.endpoints["http"]

    assert httpx.get(f"{url}/healthz").status_code == 200
    said = eventually(machine.output, lambda said: "Ctrl-C stops everything" in said)
    assert f"Milemarker is up: {url}\n" in said
    assert f"$(cat {machine.directory / 'admin.key'})" in said


def test_what_it_writes_is_for_its_owner_alone(machine: Product) -> None:
    for name in ("endpoints.json", "admin.key", "up.lock", "logs/ingest.log", "logs/api.log", "logs/project.log"):
        assert stat.S_IMODE((machine.directory / name).stat().st_mode) == 0o600, name
    assert not stat.S_IMODE(machine.directory.stat().st_mode) & 0o066
    assert (machine.directory / "admin.key").read_text().endswith("\n")


def test_no_password_stands_on_a_command_line(machine: Product) -> None:
    passwords = {str(urlsplit(url).password) for url in (machine.endpoints["database"], machine.endpoints["nats"])}

    lines = [" ".join(process.cmdline()) for process in machine.processes()]

    assert len(lines) > 5
    assert not [line for line in lines if any(password in line for password in passwords)]


def test_a_second_one_in_the_same_directory_is_refused(machine: Product) -> None:
    second = machine.command("up", "--port", "0", check=False)

    assert second.returncode == 1
    assert f"Error: {machine.directory} is in use by process" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_port_that_is_taken_is_refused_before_anything_is_started(machine: Product, tmp_path: Path) -> None:
    port = str(urlsplit(machine.endpoints["http"]).port)

    refused = machine.command("up", "--data", str(tmp_path / "other"), "--port", port, check=False)

    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "--port" in refused.stderr
    assert not (tmp_path / "other" / "postgres").exists()


@pytest.mark.parametrize("part", ["api", "project"])
def test_a_part_that_dies_is_started_again(machine: Product, part: str) -> None:
    (before,) = machine.processes("milemarker", part)
    before.kill()

    (after,) = eventually(lambda: machine.processes("milemarker", part), lambda found: found not in ([], [before]))

    assert after.pid != before.pid
    assert f'"part":"{part}","code":-9' in machine.output()
    eventually(lambda: answers(machine), bool)


def test_killed_it_leaves_nothing_and_carries_on_where_it_was(mortal: Product) -> None:
    mortal.start()
    key = mortal.key
    asyncio.run(record_one(mortal))

    kill(mortal)

    eventually(lambda: processes_of(mortal.directory), lambda left: left == [], GONE_WITHIN_S)
    dead = mortal.command("verify", check=False)
    assert dead.returncode == 1
    assert "the last `up` was killed" in dead.stderr

    mortal.start()
    assert mortal.key == key
    assert "1 ledger entry," in mortal.command("verify").stdout
    with ExitStack() as clients:
        connect_clients(mortal, clients)
        begin = time.monotonic()
        mortal.api.close()
        assert end(mortal, signal.SIGTERM) == 0
        assert time.monotonic() - begin < GONE_WITHIN_S
    print(mortal.output())
    assert processes_of(mortal.directory) == []
    assert not (mortal.directory / "endpoints.json").exists()


@pytest.mark.parametrize("after_s", [0.3, 0.9, 1.5])
def test_told_to_stop_while_it_starts_it_leaves_nothing(mortal: Product, after_s: float) -> None:
    starting = subprocess.Popen(
        [*MILEMARKER, "up", "--data", str(mortal.directory), "--port", "0"],
        env=mortal.environment,
        cwd=mortal.directory.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after_s)
    starting.terminate()

    # So early that Python was still reading the code: the signal itself.
    assert starting.wait(30) in (0, -signal.SIGTERM)
    assert processes_of(mortal.directory) == []
    assert not (mortal.directory / "endpoints.json").exists()


def answers(product: Product) -> bool:
    try:
        return httpx.get(f"{product.endpoints['http']}/healthz").status_code == 200
    except httpx.TransportError:
        return False


async def record_one(product: Product) -> None:
    client = await nats.connect(product.endpoints["nats"])
    answer = await client.request("milemarker.sales.record", orjson.dumps([sale("kept")]), timeout=10)
    assert orjson.loads(answer.data)["accepted"] == 1
    await client.close()


def connect_clients(product: Product, clients: ExitStack) -> None:
    """Three that stay connected: to HTTP in the middle of a request, to NATS, and to the database."""
    http = urlsplit(product.endpoints["http"])
    asking = clients.enter_context(socket.create_connection((http.hostname, http.port)))
    asking.sendall(b"POST /v1/sales HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n[")
    broker = urlsplit(product.endpoints["nats"])
    clients.enter_context(socket.create_connection((broker.hostname, broker.port)))
    clients.enter_context(closing(psycopg.connect(product.endpoints["database"]))).execute("SELECT 1")


def kill(product: Product) -> None:
    end(product, signal.SIGKILL)
    product.api.close()


def end(product: Product, number: signal.Signals) -> int:
    assert product._process is not None
    product._process.send_signal(number)
    return product._process.wait(30)
