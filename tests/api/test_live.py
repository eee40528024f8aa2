"""Live streams: what changes is shown to all who watch, and whoever goes, or comes back, is dealt with quietly."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import orjson
import pytest

from api.limits import MEBIBYTE
from api.live import digest_of
from api.live_channel import BEHIND_MAX
from api.live_timing import Timing
from projections.keys import Keys
from tests.api.living import NOW, Living, problem, sold
from tests.api.test_targets import defined, shown
from tests.api.watching import PAGE, Shown, Watch, showing, watching
from tests.system.product import eventually

LAST_CHUNK = b"\r\n0\r\n\r\n"


def test_whoever_watches_a_target_sees_a_sale_arrive(api: Living) -> None:
    target = defined(api)
    with watching(api.subscriber, f"/v1/live?target={target['id']}") as stream:
        before = stream.next()

        api.publisher.post("/v1/sales", json=[sold(target["metric"], "1", "52.00")])

        after = stream.next()
        assert (before.event, after.event) == ("status", "status")
        assert [orjson.loads(one.data)["actual"] for one in (before, after)] == ["0.00", "52.00"]
        assert int(after.id) == orjson.loads(after.data)["position"] > int(before.id)
        assert orjson.loads(after.data) == shown(api, target["id"]) | differing(orjson.loads(after.data))


def differing(status: dict[str, Any]) -> dict[str, Any]:
    """The moment that it is for; and live, the projection has no range."""
    return {name: status[name] for name in ("as_of", "position", "projection")}


def test_what_is_sold_elsewhere_is_no_news_of_a_target(api: Living) -> None:
    target, other = defined(api), defined(api)
    with (
        watching(api.subscriber, f"/v1/live?target={target['id']}") as stream,
        watching(api.subscriber, f"/v1/live?target={other['id']}") as elsewhere,
    ):
        stream.next()
        elsewhere.next()

        api.publisher.post("/v1/sales", json=[sold(other["metric"], "1", "10.00")])
        assert orjson.loads(elsewhere.next().data)["actual"] == "10.00"
        api.publisher.post("/v1/sales", json=[sold(target["metric"], "1", "52.00")])

        assert orjson.loads(stream.next().data)["actual"] == "52.00"


def test_a_stream_is_refused_like_any_other_read(api: Living) -> None:
    target = defined(api, activate=False)["id"]

    with api.client(None) as stranger:
        problem(stranger.get(f"/v1/live?target={target}"), 401, "key_missing")
    problem(api.publisher.get(f"/v1/live?target={target}"), 403, "role_not_allowed")
    problem(api.auditor.get("/v1/live?target=nonsense"), 404, "unknown_target")
    problem(api.auditor.get("/v1/live"), 422, "bad_parameter")
    problem(api.auditor.get(f"/v1/live?target={target}&all=1"), 400, "unknown_parameter")


def test_only_regions_that_changed_are_sent() -> None:
    with showing() as page, watching(page.client, "/watch") as stream:
        first = stream.next()

        page.show(figures="<p>$142</p>")

        second = stream.next()
        assert first.regions == PAGE
        assert second.regions == {"figures": "<p>$142</p>"}
        assert (first.id, second.id) == (digest_of(PAGE), digest_of(page.regions))


def test_a_page_that_is_up_to_date_is_sent_nothing_at_first() -> None:
    with showing() as page, ExitStack() as stack:
        fresh = stack.enter_context(watching(page.client, f"/watch?seen={digest_of(PAGE)}"))
        stale = stack.enter_context(watching(page.client, "/watch?seen=0000"))
        back = stack.enter_context(watching(page.client, "/watch?seen=0000", seen=digest_of(PAGE)))

        assert stale.next().regions == PAGE
        page.show(figures="<p>$142</p>")

        for stream in (fresh, stale, back):
            assert stream.next().regions == {"figures": "<p>$142</p>"}


def test_all_viewers_share_one_look() -> None:
    with showing() as page, ExitStack() as stack:
        streams = [stack.enter_context(watching(page.client, "/watch")) for _ in range(20)]
        assert all(stream.next().regions == PAGE for stream in streams)
        before = page.looks

        page.show(figures="<p>$142</p>")

        assert len({stream.next().id for stream in streams}) == 1
        assert page.looks == before + 1


def test_a_page_that_is_newer_than_the_last_look_never_goes_back() -> None:
    # Nothing has moved that the hub knows of: the newcomer's page is the reason to look.
    with showing() as page, watching(page.client, "/watch") as old:
        old.next()
        page.regions = {"figures": "<p>$142</p>", "tasks": "<p>two</p>"}

        with watching(page.client, f"/watch?seen={digest_of(page.regions)}") as new:
            assert old.next().regions == page.regions
            page.show(tasks="<p>three</p>")
            assert new.next().regions == {"tasks": "<p>three</p>"}


def test_time_passes_also_where_nothing_is_sold() -> None:
    timing = Timing(every=0.05, at_most=0.2, gather=0.005)
    with showing(timing) as page, watching(page.client, "/watch") as stream:
        stream.next()

        page.regions = PAGE | {"figures": "<p>a day later</p>"}

        assert stream.next().regions == {"figures": "<p>a day later</p>"}


def test_a_database_that_is_away_ends_no_stream_and_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    with showing() as page, watching(page.client, "/watch") as stream:
        stream.next()
        page.away = True
        page.show(figures="<p>$142</p>")
        looks = page.looks
        eventually(lambda: page.looks, lambda count: count > looks + 3)

        page.away = False

        assert stream.next().regions == {"figures": "<p>$142</p>"}
        assert capsys.readouterr().out.count("can't be shown") == 1


def test_a_stream_without_news_says_that_it_lives() -> None:
    timing = Timing(every=0.05, quiet=0.1, gather=0.005)
    with showing(timing) as page, watching(page.client, f"/watch?seen={digest_of(PAGE)}") as stream:
        assert [stream.next().event, stream.next().event] == ["comment", "comment"]


def test_a_stream_ends_after_a_while_so_that_whoever_comes_back_is_asked_who_they_are() -> None:
    timing = Timing(every=0.05, age=0.2, gather=0.005)
    with showing(timing) as page, watching(page.client, f"/watch?seen={digest_of(PAGE)}") as stream:
        assert stream.ended()


def test_when_nobody_watches_nothing_looks() -> None:
    with showing() as page:
        with watching(page.client, "/watch") as one, watching(page.client, "/watch") as other:
            assert one.next() == other.next()
            assert (page.live.viewers, page.live.watching) == (2, True)

        eventually(lambda: (page.live.viewers, page.live.watching), lambda seen: seen == (0, False))

        with watching(page.client, "/watch") as again:
            assert again.next().regions == PAGE


def test_a_viewer_who_takes_nothing_is_let_go_and_the_others_see_on() -> None:
    quickest = Timing(every=0.02, quiet=60, gather=0.002)
    with showing(quickest) as page, watching(page.client, "/watch") as good, idle(page) as slow:
        good.next()
        for number in range(BEHIND_MAX + 8):
            page.show(figures=f"{number}:" + "." * MEBIBYTE)
            assert good.next().regions["figures"].startswith(f"{number}:")

        # What it had been sent before is all that it gets.
        assert bytes_until(slow, LAST_CHUNK) < BEHIND_MAX * MEBIBYTE


@contextmanager
def idle(page: Shown, viewers: int = 2) -> Iterator[socket.socket]:
    """A viewer who reads nothing of what they asked for."""
    address = page.client.base_url
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.settimeout(10)
        connection.connect((address.host, address.port))
        connection.sendall(b"GET /watch HTTP/1.1\r\nHost: here\r\n\r\n")
        eventually(lambda: page.live.viewers, lambda count: count == viewers)
        yield connection


def test_a_viewer_who_never_reads_makes_room_for_another() -> None:
    quickest = Timing(every=0.02, quiet=60, gather=0.002)
    with showing(quickest, viewers_max=1, taken_within_s=0.2) as page, idle(page, viewers=1) as silent:
        for number in range(BEHIND_MAX):
            page.show(figures=f"{number}:" + "." * MEBIBYTE)
            time.sleep(0.02)

        eventually(lambda: page.live.viewers, lambda count: count == 0)

        # Their connection is gone, in the middle of what they did not read.
        with pytest.raises(AssertionError, match="before its stream did"):
            bytes_until(silent, LAST_CHUNK)
        with watching(page.client, "/watch") as stream:
            assert stream.next().regions["tasks"] == PAGE["tasks"]


def test_whoever_loses_their_key_watches_no_longer_and_the_others_see_on() -> None:
    timing = Timing(every=0.05, asked=0.1, quiet=60, gather=0.005)
    with showing(timing) as page, ExitStack() as stack:
        lost = [stack.enter_context(watching(page.client, "/watch", key="lost")) for _ in range(3)]
        kept = stack.enter_context(watching(page.client, "/watch", key="kept"))
        assert all(stream.next().regions == PAGE for stream in (*lost, kept))

        page.revoked.add("lost")

        assert all(stream.ended() for stream in lost)
        page.show(figures="<p>$142</p>")
        assert kept.next().regions == {"figures": "<p>$142</p>"}


def test_one_question_is_asked_for_all_streams_of_one_key_and_without_an_answer_they_go_on() -> None:
    timing = Timing(every=0.05, asked=0.3, quiet=60, gather=0.005)
    with showing(timing) as page, ExitStack() as stack:
        streams = [stack.enter_context(watching(page.client, "/watch", key="one")) for _ in range(20)]
        assert all(stream.next() for stream in streams)
        before = page.asked
        page.away = True
        eventually(lambda: page.asked, lambda count: count > before)
        assert page.asked == before + 1

        page.away = False
        page.show(figures="<p>$142</p>")

        assert {stream.next().id for stream in streams} == {digest_of(page.regions)}


def test_a_revoked_keys_stream_ends_within_seconds(api: Living) -> None:
    key, target = api.key("manager"), defined(api)["id"]
    with api.client(key) as client, watching(client, f"/v1/live?target={target}") as stream:
        stream.next()
        Keys(api.store.views.datastore).revoke(key.split("_")[1], NOW)

        api.time.seconds += 2.1

        assert stream.ended()


def test_what_may_be_old_is_told_once_and_that_it_no_longer_is_and_comments_still_come() -> None:
    timing = Timing(every=0.05, quiet=0.15, old=0.3, gather=0.005)
    with showing(timing) as page, watching(page.client, "/watch") as stream:
        stream.next()
        page.hung = True
        page.show(figures="<p>$142</p>")

        while_hung = [stream.next().event for _ in range(6)]
        with watching(page.client, "/watch") as late:
            assert late.next().event == "stale"
        page.hung = False
        then = [one for one in (stream.next().event for _ in range(8)) if one != "comment"]

        assert sorted(set(while_hung)) == ["comment", "stale"]
        assert while_hung.count("stale") == 1
        assert then == ["regions", "fresh"]


def test_looks_that_fail_make_what_is_shown_old_too() -> None:
    timing = Timing(every=0.05, quiet=60, old=0.2, gather=0.005)
    with showing(timing) as page, watching(page.client, "/watch") as stream:
        stream.next()

        page.away = True
        page.show(figures="<p>$142</p>")
        assert stream.next().event == "stale"

        page.away = False
        assert [stream.next().event, stream.next().event] == ["regions", "fresh"]


def test_a_page_goes_before_many_searches_and_each_of_them_has_its_turn() -> None:
    timing = Timing(every=0.1, quiet=60, gather=0.005)
    with showing(timing) as page, ExitStack() as stack:
        searches = [stack.enter_context(watching(page.client, f"/search/{number}")) for number in range(16)]
        assert all(stream.next().regions == PAGE for stream in searches)
        page.restless = True
        page.show(figures="<p>$142</p>")
        searched = eventually(lambda: len(page.searched), lambda count: count > len(searches))

        with watching(page.client, "/watch") as stream:
            stream.next()

        assert len(page.searched) - searched < len(searches) / 2
        assert all(stream.next().regions == {"figures": "<p>$142</p>"} for stream in searches)


def bytes_until(connection: socket.socket, end: bytes) -> int:
    found = bytearray()
    while not found.endswith(end):
        read = connection.recv(MEBIBYTE)
        assert read, "the connection ended before its stream did"
        found += read
    return len(found)


def test_one_viewer_too_many_is_told_to_come_back() -> None:
    with showing(viewers_max=1) as page, watching(page.client, "/watch") as stream:
        stream.next()

        refused = problem(page.client.get("/watch"), 503, "too_many_viewers")

        assert refused["status"] == 503


def test_a_server_that_stops_ends_its_streams_at_once() -> None:
    with showing() as page, ExitStack() as stack:
        streams: list[Watch] = [stack.enter_context(watching(page.client, "/watch")) for _ in range(5)]
        assert all(stream.next() for stream in streams)
        began = time.monotonic()

        page.stop()

        assert all(stream.ended() for stream in streams)
    # The server itself is gone by now, too.
    assert time.monotonic() - began < 1
