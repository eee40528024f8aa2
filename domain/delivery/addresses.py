"""Which addresses a webhook may lead to: public ones. Everything inside, special or disguised is named and refused.

`ipaddress.is_global` is no such rule: it passes NAT64 and 6to4 forms of loopback, multicast and 192.0.0.192.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from domain.refusal import Refused

LOOPBACK = "loopback"

DENIED_V4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", LOOPBACK),
        ("168.63.129.16/32", "a cloud's own service"),
        ("169.254.0.0/16", "link-local, with the metadata of clouds"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "reserved for AS112"),
        ("192.52.193.0/24", "reserved for AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved for AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
PUBLIC_V6 = IPv6Network("2000::/3")
"""Outside of it nothing is public: loopback, link-local, private (fc00::/7), multicast, a site's own NAT64."""
DENIED_V6 = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("2001::/23", "reserved for protocols, Teredo among them"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4, which may hide any address"),
        ("2620:4f:8000::/48", "reserved for AS112"),
        ("3fff::/20", "documentation"),
    )
)
MAPPED = IPv6Network("::ffff:0:0/96")
NAT64 = IPv6Network("64:ff9b::/96")
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


HINTS = {LOOPBACK: "; to try things out on this machine, set MILEMARKER_WEBHOOK_ALLOW_LOOPBACK=1"}


def refuse_addresses(addresses: Iterable[str], *, allow_loopback: bool) -> None:
    """Raises Refused unless every address that a name leads to is allowed: one bad one among good ones is enough."""
    found = list(addresses)
    if not found:
        raise Refused("address_not_allowed", "the name leads to no address", "/channel/url")
    for address in found:
        what = denied(address)
        if what is not None and not (allow_loopback and what == LOOPBACK):
            raise Refused(
                "address_not_allowed",
                f"{address} is not a public address ({what}){HINTS.get(what, '')}",
                "/channel/url",
            )


def denied(address: str) -> str | None:
    """What keeps it from being a public address; None when nothing does."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "no address"
    return _denied_v4(parsed) if isinstance(parsed, IPv4Address) else _denied_v6(parsed)


def _denied_v4(address: IPv4Address) -> str | None:
    return next((what for network, what in DENIED_V4 if address in network), None)


def _denied_v6(address: IPv6Address) -> str | None:
    if address.scope_id is not None:
        return "bound to an interface"
    if address in MAPPED:
        return _denied_v4(_last_32_bits(address))
    if address in NAT64:
        inside = _denied_v4(_last_32_bits(address))
        # Never just LOOPBACK: to allow loopback is not to allow what a translator makes of it.
        return inside and f"NAT64 of {inside}"
    if address == IPv6Address("::1"):
        return LOOPBACK
    if address not in PUBLIC_V6:
        return "not in the public range"
    if int(address) >> 32 & 0xFFFF_FFFF in ISATAP:
        return "ISATAP, which may hide any address"
    return next((what for network, what in DENIED_V6 if address in network), None)


def _last_32_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFF_FFFF)
