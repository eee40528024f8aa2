"""A Period: the local dates of a target in its time zone, and the instants that they begin at."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from domain.refusal import Refused

DAYS_MAX = 3_700
YEAR_MIN, YEAR_MAX = 1970, 2200

_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", re.ASCII)
# Names that the files know and the IANA does not: the machine's own zone, none, and copies with leap seconds.
_NO_ZONES = re.compile(r"localtime|posixrules|Factory|posix/.*|right/.*")
_ZONE_NAME_LENGTH_MAX = 64


@dataclass(frozen=True)
class Period:
    """The local dates `start..end`, both inclusive, in an IANA time zone.

    Refused: unknown_time_zone, date_out_of_range (1970..2200), end_before_start, period_too_long (3,700
    days), no_such_day (a start that the zone skipped whole: nothing begins on it).
    """

    start: date
    end: date
    time_zone: str

    def __post_init__(self) -> None:
        if not _is_zone(self.time_zone):
            raise Refused(
                "unknown_time_zone",
                f'"{self.time_zone[:_ZONE_NAME_LENGTH_MAX]}" is no IANA time zone such as America/New_York',
                "/time_zone",
            )
        for field, day in (("/start", self.start), ("/end", self.end)):
            if not YEAR_MIN <= day.year <= YEAR_MAX:
                raise Refused("date_out_of_range", f"a period lies in {YEAR_MIN} to {YEAR_MAX}", field)
        if self.end < self.start:
            raise Refused("end_before_start", f"the period ends on {self.end}, before {self.start}", "/end")
        if self.days > DAYS_MAX:
            raise Refused("period_too_long", f"a period has up to {DAYS_MAX} days, this one {self.days}", "/end")
        if self._midnight(self.start) == self._midnight(self.start + timedelta(days=1)):
            raise Refused("no_such_day", f"{self.time_zone} skipped {self.start}: start a day later", "/start")

    @property
    def days(self) -> int:
        """How many local days it has: a day of 23 or 25 hours is one, and so is one that the zone skipped."""
        return (self.end - self.start).days + 1

    def resolve(self, day: date, at: time) -> datetime:
        """The UTC instant of a local time of the zone, to the second.

        A time that does not exist (clocks went forward over it) is the first instant after the gap. One that
        comes twice (clocks went back) is the first of the two.
        """
        zone = ZoneInfo(self.time_zone)
        local = datetime.combine(day, at.replace(microsecond=0, tzinfo=None, fold=0))
        instant = local.replace(tzinfo=zone).astimezone(UTC)
        if _wall(instant, zone) == local:
            return instant
        # In a gap: read with the offset after it the time lies before the gap's instant, with the one before
        # it, at or after. Between the two, the clock on the wall jumps past `local` once; that is where.
        earlier = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
        too_early, late_enough = 0, int((instant - earlier).total_seconds())
        while late_enough - too_early > 1:
            middle = (too_early + late_enough) // 2
            if _wall(earlier + timedelta(seconds=middle), zone) < local:
                too_early = middle
            else:
                late_enough = middle
        return earlier + timedelta(seconds=late_enough)

    def midnights(self) -> tuple[datetime, ...]:
        """The UTC instants at which the days begin: `days` + 1 of them, midnight(start) .. midnight(end + 1).

        Never decreasing. Where a zone skipped a whole local day (Pacific/Apia 2011-12-30), that day begins at
        the instant at which the next one does: it has no length, and no sale falls into it.
        """
        midnights = (self._midnight(self.start + timedelta(days=number)) for number in range(self.days + 1))
        return tuple(accumulate(midnights, max))

    def _midnight(self, day: date) -> datetime:
        return self.resolve(day, time())


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows at this instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _is_zone(name: str) -> bool:
    if len(name) > _ZONE_NAME_LENGTH_MAX or not _ZONE_NAME.fullmatch(name) or _NO_ZONES.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Unknown; a file that is no zone; a folder such as "America".
        return False
    return True
