"""Signing in with a browser: links that work once, sessions, and what other sites can't make a browser do."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from projections.keys import Keys
from projections.sessions import LINK_LIVES, SESSION_LIVES, SESSIONS_OF_KEY_MAX, Sessions
from tests.api.living import NOW, Living, definition, living, problem
from tests.api.watching import watching

OURS = {"Sec-Fetch-Site": "same-origin"}


def sessions(api: Living) -> Sessions:
    return Sessions(api.store.views.datastore)


def link(api: Living, role: str = "manager") -> str:
    """The path of a new link for a new key of this role."""
    return f"/login/{sessions(api).link(id_of(api.key(role)), api.time.now)}"


def id_of(key: str) -> str:
    return key.split("_")[1]


@contextmanager
def signed_in(api: Living, role: str = "manager") -> Iterator[httpx.Client]:
    with api.client(None) as browser:
        assert browser.get(link(api, role)).status_code == 303
        yield browser


@pytest.fixture
def strict(api_database: str) -> Iterator[Living]:
    """Two wrong tries a second from one address, and four in all; whoever watches is never asked for again."""
    with living(
        api_database,
        "nats://127.0.0.1:1",
        ingest=False,
        projections=False,
        sign_ins=2,
        sign_ins_in_all=4,
        asked_s=3600,
    ) as api:
        yield api


def cookie_of(answer: httpx.Response) -> tuple[str, str, set[str]]:
    """Name, value and attributes of the one cookie that is set."""
    (said,) = answer.headers.get_list("set-cookie")
    pair, *attributes = said.split("; ")
    name, _, value = pair.partition("=")
    return name, value, set(attributes)


def test_a_link_signs_a_browser_in_and_works_once(api: Living) -> None:
    path = link(api)
    with api.client(None) as browser, api.client(None) as other:
        first = browser.get(path)
        second = other.get(path)

        assert (first.status_code, first.headers["Location"]) == (303, "/")
        assert browser.get("/v1/targets").status_code == 200
        assert second.status_code == 410
        assert "This link was used already: it works once." in second.text
        problem(other.get("/v1/targets"), 401, "key_missing")


def test_of_two_who_follow_a_link_at_once_one_is_signed_in(api: Living) -> None:
    path = link(api)

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: httpx.get(f"{api.url}{path}", trust_env=False), range(8)))

    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 7
    assert sum("set-cookie" in answer.headers for answer in answers) == 1


def test_a_link_does_not_lead_anywhere_that_hears_of_it(api: Living) -> None:
    path = link(api)
    with api.client(None) as browser:
        for answer in (browser.get(path), browser.get(path)):
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert path not in answer.text


@pytest.mark.parametrize("header", ["Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch"])
def test_a_browser_that_looks_ahead_does_not_use_a_link_up(api: Living, header: str) -> None:
    path = link(api)
    with api.client(None) as browser:
        ahead = browser.get(path, headers=dict([header.split(": ")]))
        assert ahead.status_code == 503
        assert "set-cookie" not in ahead.headers
        assert browser.head(path).status_code == 405

        assert browser.get(path).status_code == 303


def test_a_link_is_too_old_after_fifteen_minutes(api: Living) -> None:
    early, late = link(api), link(api)
    with api.client(None) as browser:
        api.time.now = NOW + LINK_LIVES - timedelta(seconds=1)
        assert browser.get(early).status_code == 303

        api.time.now = NOW + LINK_LIVES
        answer = browser.get(late)

        assert answer.status_code == 410
        assert "This link is too old: it works within 15 minutes." in answer.text


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "%F0%9F%98%80", "a" * 5_000])
def test_a_link_that_nobody_made_signs_nobody_in(api: Living, token: str) -> None:
    with api.client(None) as browser:
        answer = browser.get(f"/login/{token}")

    assert answer.status_code == 410
    assert "This link is not known here." in answer.text
    assert "set-cookie" not in answer.headers


def test_a_link_whose_key_was_revoked_signs_nobody_in(api: Living) -> None:
    key = api.key("manager")
    token = sessions(api).link(id_of(key), NOW)
    Keys(api.store.views.datastore).revoke(id_of(key), NOW)

    answer = httpx.get(f"{api.url}/login/{token}", trust_env=False)

    assert answer.status_code == 410
    assert "revoked" in answer.text


def test_a_used_link_shows_the_way_on_to_whoever_is_signed_in(api: Living) -> None:
    path = link(api)
    with api.client(None) as browser:
        browser.get(path)
        again = browser.get(path)

    assert again.status_code == 410
    assert "You are signed in already" in again.text


def test_whoever_is_signed_in_is_not_asked_again(api: Living) -> None:
    with signed_in(api) as browser:
        page = browser.get("/login", params={"next": "/targets/1"})

    assert page.status_code == 200
    assert 'href="/targets/1"' in page.text
    assert 'name="key"' not in page.text


def test_a_session_ends_with_its_key(api: Living) -> None:
    key = api.key("manager")
    with api.client(None) as browser:
        browser.get(f"/login/{sessions(api).link(id_of(key), NOW)}")
        assert browser.get("/v1/targets").status_code == 200
        Keys(api.store.views.datastore).revoke(id_of(key), NOW)
        api.time.seconds += 2.1

        problem(browser.get("/v1/targets"), 401, "session_ended")


def test_a_session_ends_after_thirty_days(api: Living) -> None:
    with signed_in(api) as browser:
        api.time.now = NOW + SESSION_LIVES - timedelta(seconds=1)
        api.time.seconds += 2.1
        assert browser.get("/v1/targets").status_code == 200

        api.time.now = NOW + SESSION_LIVES
        api.time.seconds += 2.1

        problem(browser.get("/v1/targets"), 401, "session_ended")


def test_signing_out_ends_the_session_at_once(api: Living) -> None:
    with signed_in(api) as browser, api.client(None) as thief:
        thief.cookies.update(browser.cookies)
        assert thief.get("/v1/targets").status_code == 200

        answer = browser.post("/logout", headers=OURS)

        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        assert not browser.cookies
        problem(thief.get("/v1/targets"), 401, "session_ended")


def test_signing_out_ends_what_the_session_watches_at_once(strict: Living) -> None:
    with (
        signed_in(strict) as browser,
        signed_in(strict) as other,
        watching(browser, "/live") as stream,
        watching(other, "/live") as others,
    ):
        assert stream.next() == others.next()

        browser.post("/logout", headers=OURS)

        assert stream.ended()
        assert other.get("/v1/targets").status_code == 200


def test_signing_in_again_ends_the_browsers_former_session(api: Living) -> None:
    by_link, by_key = link(api, "auditor"), {"key": api.key("auditor")}
    with signed_in(api) as browser, api.client(None) as first, api.client(None) as second:
        first.cookies.update(browser.cookies)
        assert first.get("/v1/targets").status_code == 200
        assert browser.get(by_link).status_code == 303
        second.cookies.update(browser.cookies)
        assert second.get("/v1/targets").status_code == 200

        assert browser.post("/login", data=by_key, headers=OURS).status_code == 303

        for former in (first, second):
            problem(former.get("/v1/targets"), 401, "session_ended")
        assert browser.get("/v1/targets").status_code == 200


def test_a_try_that_fails_leaves_the_browsers_session_as_it_is(api: Living) -> None:
    with signed_in(api) as browser:
        assert browser.post("/login", data={"key": "mm_x_y"}, headers=OURS).status_code == 401
        assert browser.get("/login/nonsense").status_code == 410

        assert browser.get("/v1/targets").status_code == 200


def test_no_cache_keeps_what_a_session_is_answered(api: Living) -> None:
    with signed_in(api) as browser:
        answers = [browser.get("/v1/targets"), browser.get("/v1/targets/nonsense"), browser.get("/v1/nothing")]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert "Cache-Control" not in api.manager.get("/v1/targets").headers


def test_the_documentation_stands_in_no_other_sites_frame(api: Living) -> None:
    page = httpx.get(f"{api.url}/docs", trust_env=False)

    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"].split("; ")


def test_an_api_key_signs_a_browser_in(api: Living) -> None:
    key = api.key("auditor")
    with api.client(None) as browser:
        page = browser.get("/login", params={"next": "/targets/1?facts=all"})
        assert page.status_code == 200
        assert "milemarker login" in page.text
        assert 'value="/targets/1?facts=all"' in page.text

        answer = browser.post("/login", data={"key": f" {key}\n", "next": "/targets/1?facts=all"}, headers=OURS)

        assert (answer.status_code, answer.headers["Location"]) == (303, "/targets/1?facts=all")
        assert browser.get("/v1/events").status_code == 200
        problem(browser.post("/v1/targets", json=definition(), headers=OURS), 403, "role_not_allowed")


@pytest.mark.parametrize("key", ["", "mm_0123456789ab_" + "x" * 43, "<script>alert(1)</script>", "\N{GRINNING FACE}"])
def test_a_wrong_key_is_told_on_the_page(api: Living, key: str) -> None:
    with api.client(None) as browser:
        answer = browser.post("/login", data={"key": key, "next": "/targets/1"}, headers=OURS)

    assert answer.status_code == 401
    assert "This key is unknown or revoked." in answer.text
    assert 'value="/targets/1"' in answer.text
    assert not key or key not in answer.text
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_for_our_pages_alone(api: Living) -> None:
    port = urlsplit(api.url).port

    plain = httpx.get(f"{api.url}{link(api)}", trust_env=False)
    secure = httpx.get(f"{api.url}{link(api)}", headers={"X-Forwarded-Proto": "https"}, trust_env=False)

    name, value, attributes = cookie_of(plain)
    assert name == f"milemarker_{port}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", value)
    assert attributes == {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=2592000"}
    assert cookie_of(secure)[2] == attributes | {"Secure"}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("mm.example.com", "milemarker"),
        ("mm.example.com:8443", "milemarker_8443"),
        ("[::1]:9000", "milemarker_9000"),
        ("[::1]", "milemarker"),
        ("mm.example.com:x=y", "milemarker"),
    ],
)
def test_the_cookie_is_named_by_port_as_cookies_know_none(api: Living, host: str, name: str) -> None:
    answer = httpx.get(f"{api.url}{link(api)}", headers={"Host": host}, trust_env=False)

    assert cookie_of(answer)[0] == name


def test_what_is_stored_signs_nobody_in(api: Living) -> None:
    with signed_in(api) as browser:
        (token,) = browser.cookies.values()

    with api.store.views.datastore.cursor() as curs:
        curs.execute("SELECT hash FROM browser_sessions UNION SELECT hash FROM login_links")
        stored = [bytes(row["hash"]) for row in curs]

    assert all(len(one) == 32 for one in stored)
    assert not any(token.encode() in one for one in stored)


OTHER_SITES: list[Callable[[str], dict[str, str]]] = [
    lambda own: {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    lambda own: {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
    lambda own: {"Sec-Fetch-Site": "cross-site", "Origin": own},
    lambda own: {"Origin": "https://evil.example"},
    lambda own: {"Origin": f"{own}.evil.example"},
    lambda own: {"Origin": "http://127.0.0.1"},
    lambda own: {"Origin": own.replace("http:", "file:")},
    lambda own: {"Origin": "http://[evil"},
    lambda own: {"Origin": "null"},
    lambda own: {"Origin": ""},
    lambda own: {},
]


@pytest.mark.parametrize("headers", OTHER_SITES, ids=range(len(OTHER_SITES)))
def test_another_sites_page_changes_nothing(api: Living, headers: Callable[[str], dict[str, str]]) -> None:
    theirs = headers(api.url)
    with signed_in(api, "admin") as browser:
        problem(browser.post("/v1/targets", json=definition(), headers=theirs), 403, "cross_origin")
        assert browser.post("/logout", headers=theirs).status_code == 403
        assert browser.get("/v1/targets", headers=theirs).status_code == 200
    with api.client(None) as browser:
        refused = browser.post("/login", data={"key": api.key("admin")}, headers=theirs)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
        assert "text/html" in refused.headers["content-type"]


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_our_own_page_uses_the_api_with_its_session(api: Living, site: str | None) -> None:
    ours = {"Origin": api.url} if site is None else {"Sec-Fetch-Site": site}
    with signed_in(api) as browser:
        made = browser.post("/v1/targets", json=definition(), headers=ours)

        assert made.status_code == 201, made.text
        assert browser.get(f"/v1/targets/{made.json()['id']}/events").status_code == 200


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://mm.example.com", "mm.example.com"),
        ("https://mm.example.com", "mm.example.com:443"),
        ("http://mm.example.com", "MM.example.com:80"),
        ("http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_a_browser_behind_a_proxy_is_on_our_own_page(api: Living, origin: str, host: str) -> None:
    with api.client(None) as browser:
        answer = browser.post("/login", data={"key": api.key("manager")}, headers={"Origin": origin, "Host": host})

    assert answer.status_code == 303


def test_a_program_needs_no_origin_and_a_wrong_key_is_not_saved_by_a_cookie(api: Living) -> None:
    assert api.manager.post("/v1/targets", json=definition()).status_code == 201
    with signed_in(api) as browser:
        problem(browser.get("/v1/targets", headers={"Authorization": "Bearer mm_x_y"}), 401, "key_unknown")
        problem(browser.get("/v1/targets", headers={"Authorization": "Basic eDp5"}), 401, "key_missing")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/a\\..\\\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/\r\nSet-Cookie: a=b",
        "/\x00",
        "/\x85/evil.example",
        "/ /evil.example",
        " //evil.example",
        "/login?next=/login",
        "/logout",
        "/" + "a" * 2_001,
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(api: Living, path: str) -> None:
    with api.client(None) as browser:
        assert 'name="next" value="/"' in browser.get("/login", params={"next": path}).text

        by_link = browser.get(link(api), params={"next": path})
        by_key = browser.post("/login", data={"key": api.key("manager"), "next": path}, headers=OURS)

        for answer in (by_link, by_key):
            assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_form_that_is_none_is_refused(api: Living) -> None:
    form = OURS | {"Content-Type": "application/x-www-form-urlencoded"}
    with api.client(None) as browser:
        assert browser.post("/login", json={"key": "x"}, headers=OURS).status_code == 415
        assert browser.post("/login", content=b"key=" + b"x" * 8_192, headers=form).status_code == 413
        assert browser.post("/login", content=b"key=%FF", headers=form).status_code == 400
        assert browser.post("/login", content=b"key=\xff", headers=form).status_code == 400
        assert browser.post("/login", content=b"a=b&" * 60, headers=form).status_code == 400


def test_whoever_tries_wrong_keys_too_often_has_to_wait(strict: Living) -> None:
    path = link(strict)
    with strict.client(None) as browser:
        wrong = [browser.post("/login", data={"key": "x"}, headers=OURS) for _ in range(3)]
        assert [answer.status_code for answer in wrong] == [401, 401, 429]
        assert "wait a moment" in wrong[2].text
        assert wrong[2].headers["Retry-After"] == "1"
        assert browser.get(path).status_code == 429

        strict.time.seconds += 1

        assert browser.get(path).status_code == 303


def test_a_whole_office_signs_in_at_once(strict: Living) -> None:
    key = {"key": strict.key("manager")}

    answers = [httpx.post(f"{strict.url}/login", data=key, headers=OURS, trust_env=False) for _ in range(8)]
    links = [httpx.get(f"{strict.url}{link(strict)}", trust_env=False) for _ in range(8)]

    assert {answer.status_code for answer in answers + links} == {303}


def test_addresses_that_are_made_up_find_a_limit_too(strict: Living) -> None:
    def wrong(number: int) -> int:
        made_up = OURS | {"X-Forwarded-For": f"192.0.2.{number}"}
        return httpx.post(f"{strict.url}/login", data={"key": "x"}, headers=made_up, trust_env=False).status_code

    assert [wrong(number) for number in range(6)] == [401] * 4 + [429] * 2


def test_a_link_is_not_logged_when_the_database_fails(database: str) -> None:
    with living(database, "nats://127.0.0.1:1", ingest=False, projections=False) as api, capture_logs() as logged:
        path = link(api)
        with api.store.views.datastore.transaction(commit=True) as curs:
            curs.execute("DROP TABLE login_links")

        answer = httpx.get(f"{api.url}{path}", trust_env=False)

    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    assert "database away" in [entry["event"] for entry in logged]
    assert path.rpartition("/")[2] not in str(logged)


def test_what_is_over_does_not_pile_up(api: Living) -> None:
    key = id_of(api.key("manager"))
    old = sessions(api).begin(key, NOW - SESSION_LIVES - timedelta(days=1))
    sessions(api).link(key, NOW - timedelta(days=2))
    first = sessions(api).begin(key, NOW - timedelta(hours=1))
    assert sessions(api).find(old, NOW - SESSION_LIVES) is None

    for _ in range(SESSIONS_OF_KEY_MAX):
        sessions(api).begin(key, NOW)
    sessions(api).link(key, NOW)

    assert sessions(api).find(first, NOW) is None
    with api.store.views.datastore.cursor() as curs:
        curs.execute("SELECT count(*) AS n FROM browser_sessions WHERE key_id = %s", (key,))
        assert curs.fetchone() == {"n": SESSIONS_OF_KEY_MAX}
        curs.execute("SELECT count(*) AS n FROM login_links WHERE key_id = %s", (key,))
        assert curs.fetchone() == {"n": 1}
