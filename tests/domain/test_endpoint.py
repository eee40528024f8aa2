"""Where webhooks may go: URLs that say one thing, addresses that are public, endpoints that fail too long."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.delivery.addresses import denied, refuse_addresses
from domain.delivery.endpoint import Endpoint, key_of, read_nats_recipient, read_url, secret_of
from domain.refusal import Refused
from tests.words import NOW

ENDPOINT = Endpoint(UUID(int=4), "https://example.com/hook", secret_of(bytes(range(32))))


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "path", "authority"),
    [
        ("https://example.com", "https", "example.com", 443, "/", "example.com"),
        ("HTTPS://Example.COM:8443/a/b?c=d&e", "https", "example.com", 8443, "/a/b?c=d&e", "example.com:8443"),
        ("http://127.0.0.1:80/x", "http", "127.0.0.1", 80, "/x", "127.0.0.1"),
        ("http://[::1]:9000?q=1", "http", "::1", 9000, "/?q=1", "[::1]:9000"),
        ("https://xn--bcher-kva.example/", "https", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example"),
    ],
)
def test_a_url_is_read_once(url: str, scheme: str, host: str, port: int, path: str, authority: str) -> None:
    place = read_url(url)

    assert (*place, place.authority) == (scheme, host, port, path, authority)


@pytest.mark.parametrize(
    "url",
    [
        *("", None, 5, "example.com/hook", "ftp://example.com", "file:///etc/passwd", "javascript:alert(1)"),
        *("https://", "https:///path", "https://ana@example.com", "https://ana:secret@example.com", "https://@e.com"),
        *("https://example.com/#part", "https://example.com/a b", "https://example.com/\r\nX: y", "https://a\\@b.com"),
        *("https://example.com:0", "https://example.com:99999", "https://example.com:x", "https://bücher.example"),
        *("https://[::1", "https://[fe80::1%25eth0]/", "https://exa_mple..com", "https://" + "a" * 2_048),
        *(
            "https://.example.com",
            "https://-.example.com/%",
            "https://exam ple.com",
            "https://a,b.com",
            "http://[v1.x]",
        ),
    ],
    ids=lambda url: str(url)[:40],
)
def test_what_is_no_url_for_a_webhook_is_refused_where_it_stands(url: object) -> None:
    with pytest.raises(Refused) as refused:
        read_url(url)

    assert (refused.value.code, refused.value.field) == ("bad_webhook_url", "/channel/url")


PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8", "64:ff9b::808:808"]
LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
INSIDE = [
    *("0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200"),
    *("169.254.169.254", "169.254.170.2", "192.0.0.192", "192.0.0.8", "192.0.2.1", "198.51.100.7", "203.0.113.9"),
    *("198.18.0.1", "198.19.255.255", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("168.63.129.16", "::", "::127.0.0.1", "::7f00:1", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1"),
    *("fc00::1", "fd00:ec2::254", "fd20:ce::254", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1"),
    *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1", "2001:0:4136:e378::"),
    *("2001::1", "2001:2::1", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1", "what", ""),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    refuse_addresses([address], allow_loopback=False)


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_in_every_form_needs_a_setting(address: str) -> None:
    refuse_addresses([address], allow_loopback=True)

    with pytest.raises(Refused, match="loopback"):
        refuse_addresses([address], allow_loopback=False)


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_whatever_is_inside_special_or_disguised_is_refused(address: str, allow_loopback: bool) -> None:
    with pytest.raises(Refused) as refused:
        refuse_addresses([address], allow_loopback=allow_loopback)

    assert (refused.value.code, refused.value.field) == ("address_not_allowed", "/channel/url")
    assert denied(address)


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        refuse_addresses(["8.8.8.8", "10.0.0.1"], allow_loopback=False)


def test_a_name_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(Refused):
        refuse_addresses([], allow_loopback=True)


def test_an_endpoint_that_only_fails_for_120_hours_is_disabled() -> None:
    failing = ENDPOINT.failed("answered 503", gone=False, at=NOW)
    later = failing.failed("answered 500", gone=False, at=NOW + timedelta(hours=119, minutes=59))
    last = later.failed("answered 502", gone=False, at=NOW + timedelta(hours=120))

    assert (failing.disabled, later.disabled) == (None, None)
    assert last.disabled == "it only failed for 120 hours: answered 502"


def test_one_success_in_between_begins_the_count_anew() -> None:
    failing = ENDPOINT.failed("answered 503", gone=False, at=NOW)

    after = failing.answered().failed("answered 503", gone=False, at=NOW + timedelta(hours=121))

    assert after.disabled is None


def test_an_endpoint_that_says_that_it_is_gone_is_disabled_at_once() -> None:
    gone = ENDPOINT.failed("answered 410 Gone", gone=True, at=NOW)

    assert gone.disabled == "it said that it is gone: answered 410 Gone"


def test_a_secret_has_the_32_bytes_that_sign() -> None:
    assert ENDPOINT.secret == "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert key_of(ENDPOINT.secret) == bytes(range(32))


@pytest.mark.parametrize("recipient", ["ana@example.com", "ana", "team-emea/north", "a.b.c+d"])
def test_a_recipient_may_be_the_end_of_a_subject(recipient: str) -> None:
    assert read_nats_recipient(recipient) == recipient


@pytest.mark.parametrize(
    "recipient", ["", ".", "ana.", ".ana", "a..b", "a b", "a*", ">", "a.>", "a\tb", "bücher", "a" * 129, "a\n"]
)
def test_a_recipient_that_is_no_part_of_a_subject_is_refused(recipient: str) -> None:
    with pytest.raises(Refused) as refused:
        read_nats_recipient(recipient)

    assert (refused.value.code, refused.value.field) == ("recipient_no_subject", "/recipient")
