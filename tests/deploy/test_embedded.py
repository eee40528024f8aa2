"""The embedded servers, for real: passwords, restarts, every way of being killed, and who may say what."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nats
import psutil
import psycopg
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from deploy.embedded import INBOX_PREFIXES, DirectoryInUse, EmbeddedNats, EmbeddedPostgres, ServerDidNotStart
from deploy.processes import tag_of

ROOT = Path(__file__).parents[2]
GONE_WITHIN_S = 15
READY_WITHIN_S = 30

OWNER = """
import sys, time
from pathlib import Path
from deploy.embedded import EmbeddedNats, EmbeddedPostgres

directory = Path(sys.argv[1])
with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as nats:
    print(postgres.url, nats.url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mm-")).resolve()
    yield made
    left = processes_of(made)
    for process in left:
        process.kill()
    shutil.rmtree(made)
    assert left == []


# Starting, stopping, starting again


def test_postgres_starts_empty_and_wants_its_password(directory: Path) -> None:
    with EmbeddedPostgres(directory) as postgres:
        assert rows(postgres.url, "SELECT current_database(), current_user") == [("milemarker", "milemarker")]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(with_password(postgres.url, "guessed"))
        assert rows(postgres.url, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert mode(directory / "postgres.json") == 0o600
    assert not (directory / "postgres.password").exists()


def test_text_is_ordered_by_its_bytes_on_every_machine(directory: Path) -> None:
    with EmbeddedPostgres(directory) as postgres:
        ordered = rows(postgres.url, "SELECT x FROM (VALUES ('b'), ('a'), ('B'), ('é'), ('f')) t(x) ORDER BY x")
        about = rows(postgres.url, "SELECT current_setting('server_encoding'), current_setting('TimeZone'), lower('É')")

    assert [x for (x,) in ordered] == ["B", "a", "b", "f", "é"]
    assert about == [("UTF8", "UTC", "é")]


def test_nats_starts_with_jetstream_and_wants_a_password(directory: Path) -> None:
    with EmbeddedNats(directory) as server:
        store(server.url, b"sale-1")
        assert "Authorization Violation" in answer_to(with_password(server.url, "guessed"))
        assert stored(server.url) == [b"sale-1"]
        assert urlsplit(server.url).hostname == urlsplit(server.monitoring_url).hostname == "127.0.0.1"
    assert mode(directory / "nats.json") == mode(directory / "nats.conf") == 0o600


def test_a_restart_keeps_data_urls_and_passwords(directory: Path) -> None:
    with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as server:
        urls = (postgres.url, server.urls)
        execute(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        store(server.url, b"sale-1")

    with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as server:
        assert (postgres.url, server.urls) == urls
        assert rows(postgres.url, "SELECT answer FROM kept") == [(42,)]
        assert stored(server.url) == [b"sale-1"]
    assert "redo starts" not in (directory / "postgres.log").read_text(), "the stop was not clean"


def test_starting_and_stopping_twice_is_no_matter(directory: Path) -> None:
    for server in (EmbeddedPostgres(directory), EmbeddedNats(directory)):
        pid = server.start().pid
        assert server.start().pid == pid
        server.stop()
        server.stop()
        assert not server.running()


def test_a_port_that_was_taken_meanwhile_is_left_to_its_taker(directory: Path) -> None:
    with EmbeddedNats(directory) as server:
        port = urlsplit(server.url).port
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", port))
        taker.listen()
        with EmbeddedNats(directory) as server:
            assert urlsplit(server.url).port != port


# What goes wrong is said


def test_a_second_owner_is_refused_in_a_clear_sentence(directory: Path) -> None:
    sentence = rf"^{directory} is in use by process {os.getpid()} .*: stop that one first, or use another directory"
    with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as server:
        with pytest.raises(DirectoryInUse, match=sentence):
            EmbeddedPostgres(directory).start()
        with pytest.raises(DirectoryInUse, match=sentence):
            EmbeddedNats(directory).start()
        assert postgres.running()
        assert server.running()

    EmbeddedNats(directory).start().stop()


def test_a_server_that_cannot_start_says_why_and_where_its_log_is(directory: Path) -> None:
    (directory / "nats").write_text("not a folder")
    with pytest.raises(ServerDidNotStart, match=rf"(?s)nats-server ended .*{directory}/nats.log:\n.*not a directory"):
        EmbeddedNats(directory).start()

    EmbeddedPostgres(directory).start().stop()
    (directory / "postgres" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ServerDidNotStart, match=rf"(?s)PostgreSQL ended .*{directory}/postgres.log:\n.*9\.6"):
        EmbeddedPostgres(directory).start()


def test_data_whose_password_is_lost_is_not_overwritten(directory: Path) -> None:
    EmbeddedPostgres(directory).start().stop()
    (directory / "postgres.json").unlink()

    with pytest.raises(ServerDidNotStart, match="password"):
        EmbeddedPostgres(directory).start()

    assert (directory / "postgres" / "PG_VERSION").exists()


# Killed


def test_killed_servers_come_back_with_their_data_where_they_were(directory: Path) -> None:
    with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as server:
        urls = (postgres.url, server.url)
        execute(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        store(server.url, b"sale-1")
        in_use = psycopg.connect(postgres.url)
        in_use.execute("SELECT 1")
        os.kill(postgres.pid, signal.SIGKILL)
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: not postgres.running() and not server.running())
        postgres.start()
        server.start()
        in_use.close()

        assert (postgres.url, server.url) == urls
        assert rows(postgres.url, "SELECT answer FROM kept") == [(42,)]
        assert stored(server.url) == [b"sale-1"]


def test_servers_whose_keepers_were_killed_are_taken_over(directory: Path) -> None:
    with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as server:
        orphans = [psutil.Process(postgres.pid), psutil.Process(server.pid)]
        for orphan in orphans:
            keeper = orphan.parent()
            assert keeper is not None
            keeper.kill()
        until(lambda: not postgres.running() and not server.running())

        assert rows(postgres.start().url, "SELECT 1") == [(1,)]
        assert stored(server.start().url) == []
        assert not any(is_alive(orphan) for orphan in orphans)


def test_a_killed_owner_leaves_no_process_and_clean_data(directory: Path) -> None:
    with an_owner(directory) as (owner, _):
        assert len(processes_of(directory)) > 5
        owner.kill()
        until(lambda: processes_of(directory) == [], within_s=GONE_WITHIN_S)
    assert "database system is shut down" in (directory / "postgres.log").read_text()


def test_the_next_start_need_not_wait_for_what_a_killed_owner_left(directory: Path) -> None:
    with an_owner(directory) as (owner, urls):
        execute(urls[0], "CREATE TABLE kept AS SELECT 42 AS answer")
        store(urls[1], b"sale-1")
        owner.kill()
        owner.wait()
        with EmbeddedPostgres(directory) as postgres, EmbeddedNats(directory) as server:
            assert rows(postgres.url, "SELECT answer FROM kept") == [(42,)]
            assert stored(server.url) == [b"sale-1"]


def test_programs_started_beside_the_servers_do_not_keep_them_alive(directory: Path) -> None:
    beside = "import subprocess; print(subprocess.Popen(['sleep', '60'], close_fds=False).pid)\n"
    with an_owner(directory, OWNER.replace("    print", f"    {beside}    print", 1)) as (owner, said):
        bystander = psutil.Process(int(said[0]))
        try:
            owner.kill()
            until(lambda: processes_of(directory) == [], within_s=GONE_WITHIN_S)
            assert is_alive(bystander)
        finally:
            bystander.kill()


def test_a_pid_file_that_names_someone_else_stops_nothing_and_nobody(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory).start()
    try:
        os.kill(postgres.pid, signal.SIGKILL)
        until(lambda: not postgres.running())
        pid_file = directory / "postgres" / "postmaster.pid"
        # Of the same user as postgres: others it ignores anyway.
        someone = subprocess.Popen(["sleep", "60"], user=pid_file.stat().st_uid if os.geteuid() == 0 else None)
        try:
            pid_file.write_text("\n".join([str(someone.pid), *pid_file.read_text().splitlines()[1:]]))
            assert rows(postgres.start().url, "SELECT 1") == [(1,)]
            assert someone.poll() is None
        finally:
            someone.kill()
            someone.wait()
    finally:
        postgres.stop()


# Users


def test_an_ordinary_user_can_start_both(directory: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the other tests are run by an ordinary user already")
    nobody = psutil.Process().uids().real + 65534
    os.chown(directory, nobody, nobody)
    with an_owner(directory, command=as_user(nobody)) as (_, urls):
        assert rows(urls[0], "SELECT 1") == [(1,)]
        assert stored(urls[1]) == []
        assert {process.uids().effective for process in processes_of(directory)} == {nobody}


# Roles


def test_a_publisher_says_sales_and_nothing_else(directory: Path) -> None:
    async def scenario(server: EmbeddedNats) -> None:
        async with (
            connected(server, "operator") as (operator, _),
            connected(server, "publisher") as (publisher, refusals),
        ):
            await operator.jetstream().add_stream(name="SALES", subjects=["sales.>"])
            await operator.subscribe("milemarker.sales.record", cb=committed)
            heard = await heard_by(operator)

            assert (await publisher.jetstream().publish("sales.webshop", b"sale-1")).seq == 1
            assert (await publisher.request("milemarker.sales.record", b"[]")).data == b"committed"
            assert refusals == []

            await publisher.publish("refused.webshop", b"")
            await publisher.publish("facts.target.defined.t1", b"")
            for subject in ("facts.>", "sales.>", "_INBOX.>"):
                await publisher.subscribe(subject)
            await eventually(lambda: len(refusals) == 5)
            assert [what(refusal) for refusal in refusals] == [
                'publish to "refused.webshop"',
                'publish to "facts.target.defined.t1"',
                'subscription to "facts.>"',
                'subscription to "sales.>"',
                'subscription to "_inbox.>"',
            ]
            assert await all_of(heard, operator) == ["sales.webshop", "milemarker.sales.record"]

    with EmbeddedNats(directory) as server:
        asyncio.run(scenario(server))


@pytest.mark.parametrize("said_to", ["sales.webshop", "milemarker.sales.record"])
@pytest.mark.parametrize(
    "answer_to", ["facts.target.defined.t1", "refused.webshop", "sales.other", "$JS.API.STREAM.PURGE.SALES"]
)
def test_a_publisher_has_its_answers_go_nowhere_but_to_itself(directory: Path, said_to: str, answer_to: str) -> None:
    async def scenario(server: EmbeddedNats) -> None:
        async with (
            connected(server, "operator") as (operator, _),
            connected(server, "worker") as (worker, refusals),
            connected(server, "publisher") as (publisher, _),
        ):
            for stream, subject in (("SALES", "sales.>"), ("EVENTS", "facts.>"), ("REFUSED", "refused.>")):
                await operator.jetstream().add_stream(name=stream, subjects=[subject])
            await worker.subscribe("milemarker.sales.record", cb=committed)
            await operator.jetstream().publish("sales.webshop", b"sale-1")
            heard = await heard_by(operator)

            await publisher.publish(said_to, b"sale-2", reply=answer_to)

            await publisher.flush()
            assert (await publisher.request("milemarker.sales.record", b"[]")).data == b"committed"
            assert await all_of(heard, operator) == [said_to, "milemarker.sales.record"]
            states = {one.config.name: one.state.messages for one in await operator.jetstream().streams_info()}
            assert states == {"SALES": 1 + (said_to == "sales.webshop"), "EVENTS": 0, "REFUSED": 0}
            assert refusals == []

    with EmbeddedNats(directory) as server:
        asyncio.run(scenario(server))


@pytest.mark.parametrize(
    ("role", "stream", "subject", "forbidden_stream"),
    [
        ("reader", "EVENTS", "facts.target.defined.t1", "NOTIFICATIONS"),
        ("subscriber", "NOTIFICATIONS", "notifications.ana", "EVENTS"),
    ],
)
def test_a_reader_reads_its_stream_and_writes_nothing(
    directory: Path, role: str, stream: str, subject: str, forbidden_stream: str
) -> None:
    async def scenario(server: EmbeddedNats) -> None:
        async with (
            connected(server, "operator") as (operator, _),
            connected(server, role) as (reader, refusals),
        ):
            await operator.jetstream().add_stream(name="EVENTS", subjects=["facts.>"])
            await operator.jetstream().add_stream(name="NOTIFICATIONS", subjects=["notifications.>"])
            await operator.jetstream().publish(subject, b"this")

            durable = await reader.jetstream().pull_subscribe(subject, durable="mine", stream=stream)
            (message,) = await durable.fetch(1, timeout=5)
            await message.ack_sync(timeout=5)
            ordered = await reader.jetstream().subscribe(subject, stream=stream, ordered_consumer=True)
            assert message.data == (await ordered.next_msg(timeout=5)).data == b"this"
            assert refusals == []

            heard = await heard_by(operator)
            forbidden = [
                "sales.webshop",
                subject,
                f"$JS.API.STREAM.DELETE.{stream}",
                f"$JS.API.CONSUMER.CREATE.{forbidden_stream}",
            ]
            for name in forbidden:
                await reader.publish(name, b"")
            await eventually(lambda: len(refusals) == len(forbidden))
            assert [what(refusal) for refusal in refusals] == [f'publish to "{name.lower()}"' for name in forbidden]
            assert await all_of(heard, operator) == []

    with EmbeddedNats(directory) as server:
        asyncio.run(scenario(server))


def test_a_worker_takes_sales_and_answers_publishers(directory: Path) -> None:
    async def scenario(server: EmbeddedNats) -> None:
        async with (
            connected(server, "worker") as (worker, refusals),
            connected(server, "publisher") as (publisher, _),
        ):
            await worker.jetstream().add_stream(name="SALES", subjects=["sales.>"])
            await worker.subscribe("milemarker.sales.record", cb=committed)
            await worker.flush()
            await publisher.jetstream().publish("sales.webshop", b"sale-1")

            taken = await worker.jetstream().pull_subscribe("sales.>", durable="ingest", stream="SALES")
            (sale,) = await taken.fetch(1, timeout=5)
            await sale.ack_sync(timeout=5)
            assert sale.data == b"sale-1"
            assert (await publisher.request("milemarker.sales.record", b"[]")).data == b"committed"
            assert refusals == []

    with EmbeddedNats(directory) as server:
        asyncio.run(scenario(server))


# The words that the tests above are written in


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def store(url: str, message: bytes) -> None:
    async def scenario() -> None:
        async with await nats.connect(url, allow_reconnect=False) as client:
            await client.jetstream().add_stream(name="SALES", subjects=["sales.>"])
            await client.jetstream().publish("sales.webshop", message)

    asyncio.run(scenario())


def stored(url: str) -> list[bytes]:
    async def scenario() -> list[bytes]:
        async with await nats.connect(url, allow_reconnect=False) as client:
            stream = client.jetstream()
            try:
                last = (await stream.stream_info("SALES")).state.last_seq
            except NotFoundError:
                return []
            return [(await stream.get_msg("SALES", seq)).data or b"" for seq in range(1, last + 1)]

    return asyncio.run(scenario())


def answer_to(url: str) -> str:
    """What NATS says to these credentials: by hand, as nats-py leaves the socket of a refused login open."""
    where = urlsplit(url)
    login = json.dumps({"user": where.username, "pass": where.password, "verbose": False, "pedantic": False})
    with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
        connection.sendall(f"CONNECT {login}\r\nPING\r\n".encode())
        return connection.makefile().read()


async def committed(request: Msg) -> None:
    await request.respond(b"committed")


@asynccontextmanager
async def connected(server: EmbeddedNats, role: str) -> AsyncIterator[tuple[Client, list[str]]]:
    """A client in that role, and what it was refused."""
    refusals: list[str] = []

    async def refused(error: Exception) -> None:
        refusals.append(str(error))

    client = await nats.connect(server.urls[role], inbox_prefix=INBOX_PREFIXES[role], error_cb=refused)
    try:
        yield client, refusals
    finally:
        await client.close()


async def heard_by(operator: Client) -> list[str]:
    """The subjects of all that anyone says from now on, without JetStream's own talk and the replies."""
    heard: list[str] = []

    async def hear(message: Msg) -> None:
        if not message.subject.startswith(("$JS.", "_INBOX", "_R_.")):
            heard.append(message.subject)

    await operator.subscribe(">", cb=hear)
    # After a flush the server may still miss the next message to a new subscription, one time in a hundred.
    while "first.word" not in heard:
        await operator.publish("first.word", b"")
        await asyncio.sleep(0.01)
    return heard


async def all_of(heard: list[str], operator: Client) -> list[str]:
    """Waits for a last word of our own: what was said before it has been heard by then."""
    await operator.publish("last.word", b"")
    await eventually(lambda: "last.word" in heard)
    return [subject for subject in heard if subject not in ("first.word", "last.word")]


async def eventually(condition: Callable[[], bool], within_s: float = 5) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.01)


def what(refusal: str) -> str:
    return refusal.lower().split("violation for ")[1].rstrip("'")


@contextmanager
def an_owner(
    directory: Path, script: str = OWNER, command: tuple[str, ...] = (sys.executable,)
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Another process that owns the servers, and the words that it said when they were ready."""
    owner = subprocess.Popen(
        [*command, "-c", script, str(directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        try:
            assert owner.stdout is not None
            yield owner, owner.stdout.readline().split()
            assert owner.stdin is not None
            owner.stdin.close()
            owner.wait(READY_WITHIN_S)
        finally:
            owner.kill()


def as_user(uid: int) -> tuple[str, ...]:
    """Python as another user. An interpreter in root's home is lent the right to read, and nothing more."""
    user: tuple[str, ...] = ("setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups")
    if subprocess.run([*user, "test", "-x", sys.executable], check=False).returncode != 0:
        user = (*user, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    return (*user, sys.executable)


def processes_of(directory: Path) -> list[psutil.Process]:
    tags = (tag_of(directory / "postgres"), tag_of(directory / "nats"))
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(tag in part for part in process.info["cmdline"] or [] for tag in tags) and is_alive(process)
    ]


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def until(condition: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.02)


def with_password(url: str, password: str) -> str:
    right = urlsplit(url).password
    assert right
    return url.replace(right, password)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
