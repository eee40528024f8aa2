"""What can be seen on this machine alone: settings, the directory, who may read it, its disk, its time zones."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import psutil

from deploy.checkup.finding import Finding, Group, ok, warning, wrong
from deploy.endpoints import Endpoints
from deploy.settings import Settings
from deploy.timezones import UNKNOWN, tz_version

GIB = 1024**3
PRIVATE = ("admin.key", "endpoints.json", "nats.json", "nats.conf")
SHARED_BITS = 0o077


def machine_group(settings: Settings, endpoints: Endpoints | None, *, can_be_read: bool = True) -> Group:
    """can_be_read: whether the settings are what somebody has set, not only the defaults."""
    directory = settings.data.resolve()
    return Group(
        [
            ("settings", lambda: dangers(settings) if can_be_read else ()),
            ("directory", lambda: where(settings, endpoints, directory)),
            ("disk", lambda: disk(directory)),
            ("secrets", lambda: secrets(directory)),
            ("time zones", time_zones),
        ]
    )


def dangers(settings: Settings) -> Iterator[Finding]:
    """Settings that can be read, and do harm where they don't belong."""
    if settings.webhook_allow_loopback:
        yield warning(
            "settings",
            "webhooks may lead to this machine itself: MILEMARKER_WEBHOOK_ALLOW_LOOPBACK is on",
            "turn it off where others may subscribe: it is for trying things out",
        )
    if not _is_loopback(settings.host):
        yield warning(
            "settings",
            f"HTTP listens on {settings.host or 'every address'}, in the clear",
            "put a proxy with TLS before it, or listen on 127.0.0.1 (MILEMARKER_HOST)",
        )
    if settings.debug or settings.log_level == "debug":
        yield warning("settings", "debugging is on: logs grow fast", "unset MILEMARKER_DEBUG and MILEMARKER_LOG_LEVEL")
    if not (settings.webhook_allow_loopback or settings.debug) and _is_loopback(settings.host):
        yield ok("settings", "all can be read, none is dangerous")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def where(settings: Settings, endpoints: Endpoints | None, directory: Path) -> Iterator[Finding]:
    if endpoints is None:
        return  # said by whoever looked for them
    if endpoints.http is not None:
        yield ok("directory", f"`milemarker up` runs in {directory}")
    elif settings.database_url is not None:
        yield ok("directory", "DATABASE_URL and NATS_URL name a Milemarker in production")


def disk(directory: Path) -> Iterator[Finding]:
    there = next(one for one in (directory, *directory.parents) if one.exists())
    usage = psutil.disk_usage(str(there))
    free = f"{usage.free / GIB:.1f} GiB of {usage.total / GIB:.0f} GiB are free for {directory}"
    if usage.free < GIB // 5:
        yield wrong("disk", free, "make room now: a full disk stops the database")
    elif usage.free < 2 * GIB or usage.free < usage.total // 20:
        yield warning("disk", free, "make room soon: a full disk stops the database")
    else:
        yield ok("disk", free)


def secrets(directory: Path) -> Iterator[Finding]:
    """Whether what is secret can be read by its owner alone."""
    kept = [directory / name for name in PRIVATE if (directory / name).exists()]
    shared = [file for file in kept if file.stat().st_mode & SHARED_BITS]
    for file in shared:
        yield wrong(
            "secrets",
            f"{file} can be read by others (mode {file.stat().st_mode & 0o777:04o})",
            f"chmod 600 {file}; if others were on this machine, make new ones with `milemarker keys create`",
        )
    if kept and not shared:
        yield ok("secrets", f"{', '.join(file.name for file in kept)} are for their owner alone")


def time_zones() -> Iterator[Finding]:
    version = tz_version()
    if version == UNKNOWN:
        yield warning("time zones", "which time zone data is read here is not known", "install the package tzdata")
    else:
        yield ok("time zones", f"IANA {version}")
