"""Which time zone data this process reads: a target's fact says so beside the instants that it gave."""

import zoneinfo
from functools import lru_cache
from importlib import import_module
from pathlib import Path

UNKNOWN = "unknown"


def tz_version(time_zone: str = "UTC") -> str:
    """The IANA version, such as "2026f", of the data that zoneinfo reads for a zone, or "unknown".

    zoneinfo takes the first file on zoneinfo.TZPATH (the system's data) and the tzdata package only after
    them, so the package's version is the answer only where the system has no such file.
    """
    return _tz_version(time_zone, zoneinfo.TZPATH)


@lru_cache(maxsize=1_000)
def _tz_version(time_zone: str, tz_path: tuple[str, ...]) -> str:
    for folder in tz_path:
        if Path(folder, time_zone).is_file():
            return _system_version(Path(folder))
    try:
        tzdata = import_module("tzdata")
    except ModuleNotFoundError:
        return UNKNOWN
    return str(tzdata.IANA_VERSION)


def _system_version(folder: Path) -> str:
    """Debian and most others ship tzdata.zi ("# version 2025b"), macOS and FreeBSD +VERSION ("2025b")."""
    for name in ("tzdata.zi", "+VERSION"):
        try:
            with (folder / name).open(encoding="ascii") as file:
                words = file.readline(100).removeprefix("# version").split()
        except (OSError, UnicodeDecodeError):
            continue
        if words:
            return words[0]
    return UNKNOWN
