"""One try of a webhook: signed, sent to a checked address and nowhere else, whatever the other side does."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.delivery.delivering import Attempt
from domain.delivery.endpoint import Endpoint, secret_of
from domain.delivery.retry import Accepted, Failure, Outcome, Severity
from tests.sink import sink
from tests.words import NOW
from workers.channels import webhook as module
from workers.channels.webhook import Webhook, outcome_of, read_retry_after

SECRET, FORMER = secret_of(b"s" * 32), secret_of(b"f" * 32)
BODY: dict[str, object] = {"type": "alert.verdict", "data": {"status": "off_track", "text": "東京"}}


def attempt(url: str, former_secret: str | None = None) -> Attempt:
    endpoint = Endpoint(UUID(int=4), url, SECRET, former_secret)
    return Attempt(UUID(int=1), 1, "webhook", "ana@example.com", endpoint, BODY, NOW + timedelta(minutes=1))


def leads_to(*addresses: str, asked: list[tuple[str, int]] | None = None) -> Callable[[str, int], Any]:
    """A resolver's stub: whatever the name, these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        if asked is not None:
            asked.append((host, port))
        return addresses

    return resolve


def send(one: Attempt, resolve: Callable[[str, int], Any], *, allow_loopback: bool = True) -> Outcome:
    async def story() -> Outcome:
        async with Webhook(resolve, lambda: datetime.now(UTC), allow_loopback=allow_loopback) as webhook:
            return await webhook.send(one)

    return asyncio.run(story())


HERE = leads_to("127.0.0.1")


def port_of(url: str) -> str:
    return url.rsplit(":", 1)[1]


def test_a_message_arrives_signed_under_its_name_by_the_address_that_was_checked() -> None:
    asked: list[tuple[str, int]] = []
    with sink() as side:
        url = f"http://hooks.example.com:{port_of(side.url)}/in?team=emea"
        outcome = send(attempt(url), leads_to("127.0.0.1", asked=asked))

    (got,) = side.got
    assert outcome == Accepted("204")
    assert asked == [("hooks.example.com", int(port_of(side.url)))]
    assert (got.path, got.headers["host"]) == ("/in?team=emea", f"hooks.example.com:{port_of(side.url)}")
    assert (got.id, got.said) == (str(UUID(int=1)), BODY)
    assert abs(int(got.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 10
    assert got.signed_by(SECRET)
    assert not got.signed_by(FORMER)


def test_while_a_secret_is_changed_both_sign() -> None:
    with sink() as side:
        send(attempt(side.url, FORMER), HERE)

    (got,) = side.got
    assert got.signed_by(SECRET)
    assert got.signed_by(FORMER)


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        (301, Severity.PASSING),
        (400, Severity.REFUSED),
        (401, Severity.REFUSED),
        (404, Severity.REFUSED),
        (408, Severity.PASSING),
        (410, Severity.FINAL),
        (425, Severity.PASSING),
        (429, Severity.PASSING),
        (499, Severity.REFUSED),
        (500, Severity.PASSING),
        (503, Severity.PASSING),
        (999, Severity.PASSING),
    ],
)
def test_what_an_answer_means(status: int, severity: Severity) -> None:
    outcome = outcome_of(status, None, NOW)

    assert isinstance(outcome, Failure)
    assert (outcome.severity, outcome.gone) == (severity, status == 410)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_delivered(status: int) -> None:
    assert outcome_of(status, "60", NOW) == Accepted(str(status))


def test_an_answer_that_says_when_in_a_year_that_never_comes_counts_for_what_it_is() -> None:
    never = "1 Jan 99999999999999 00:00:00"

    assert outcome_of(204, never, NOW) == Accepted("204")
    assert outcome_of(503, never, NOW) == Failure("answered 503")


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("9" * 400, timedelta(seconds=10**8)),
        ("Mon, 23 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 23 Nov 2026 13:05:00 +0100", timedelta(minutes=5)),
        *((None, None), ("soon", None), ("-5", None), ("1.5", None), ("", None), ("²", None)),
    ],
)
def test_how_long_to_wait_is_read_as_seconds_or_a_date(said: str | None, wait: timedelta | None) -> None:
    assert read_retry_after(said, NOW) == wait


def test_a_busy_endpoint_says_when_to_come_again() -> None:
    with sink((503, {"Retry-After": "7"})) as side:
        outcome = send(attempt(side.url), HERE)

    assert outcome == Failure("answered 503", retry_after=timedelta(seconds=7))


def test_a_redirect_is_not_followed() -> None:
    with sink() as elsewhere, sink((307, {"Location": elsewhere.url})) as side:
        outcome = send(attempt(side.url), HERE)

    assert outcome == Failure("answered 307: redirects are not followed")
    assert len(side.got) == 1
    assert elsewhere.got == []


@pytest.mark.parametrize(
    "addresses",
    [
        *(["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["0.0.0.0"], ["10.1.2.3"], ["169.254.169.254"]),
        *(["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], []),
    ],
    ids=str,
)
def test_nothing_is_sent_where_any_address_is_not_public(addresses: list[str]) -> None:
    with sink() as side:
        url = f"http://hooks.example.com:{port_of(side.url)}/"
        outcome = send(attempt(url), leads_to(*addresses), allow_loopback=False)

    assert isinstance(outcome, Failure)
    assert outcome.severity is Severity.PASSING
    assert outcome.reason.startswith("address not allowed: ")
    assert side.got == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:7f00:1]"]
)
def test_loopback_is_known_however_it_is_written(host: str) -> None:
    async def resolve(name: str, port: int) -> Sequence[str]:
        # Without a look-up by DNS: these are read by the machine itself.
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        return [str(address[0]) for *_, address in found]

    with sink() as side:
        outcome = send(attempt(f"http://{host}:{port_of(side.url)}/"), resolve, allow_loopback=False)

    assert isinstance(outcome, Failure)
    assert "loopback" in outcome.reason
    assert side.got == []


def test_the_environments_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with sink() as proxy, sink() as side:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        outcome = send(attempt(side.url), HERE)

    assert outcome == Accepted("204")
    assert (len(side.got), proxy.got) == (1, [])


def test_an_address_that_can_not_be_reached_is_followed_by_the_next() -> None:
    with sink() as side:
        outcome = send(attempt(f"http://hooks.example.com:{port_of(side.url)}/"), leads_to("127.0.0.2", "127.0.0.1"))

    assert outcome == Accepted("204")


def test_over_tls_the_name_is_asked_for_whatever_address_is_dialled() -> None:
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            connection, _ = server.accept()
            with connection:
                heard.extend(connection.recv(65_536))

        thread = threading.Thread(target=listen)
        thread.start()
        outcome = send(attempt(f"https://hooks.example.com:{server.getsockname()[1]}/"), HERE)
        thread.join()

    assert b"hooks.example.com" in heard
    assert isinstance(outcome, Failure)


def test_where_nobody_listens_is_a_failure_that_says_so() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        outcome = send(attempt(f"http://127.0.0.1:{unused.getsockname()[1]}/"), HERE)

    assert isinstance(outcome, Failure)
    assert outcome.reason.startswith("can't connect")


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_a_name_that_can_not_be_looked_up_is_a_failure(error: Exception) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        raise error

    outcome = send(attempt("http://nowhere.example.com/"), resolve)

    assert isinstance(outcome, Failure)
    assert outcome.reason.startswith("the name leads nowhere")


def test_an_answer_without_end_is_read_no_further_than_64_kib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 30.0)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * (65 * 1024))
                while connection.recv(65_536):
                    continue

        thread = threading.Thread(target=answer)
        thread.start()
        outcome = send(attempt(f"http://127.0.0.1:{server.getsockname()[1]}/"), HERE)
        thread.join()

    assert outcome == Accepted("200")
    assert time.monotonic() - began < 10


def test_an_endpoint_that_does_not_answer_is_waited_for_no_longer_than_it_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SEND_S", 0.3)
    with sink(held=True) as side:
        outcome = send(attempt(side.url), HERE)

    assert outcome == Failure("no answer within 0 seconds")


def test_an_answer_in_drips_is_no_longer_waited_for_than_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEND_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not stop.wait(0.05):
                    connection.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        outcome = send(attempt(f"http://127.0.0.1:{server.getsockname()[1]}/"), HERE)
        stop.set()
        thread.join()

    assert isinstance(outcome, Failure)
