"""Which positions of the log were known at a time: the clocks of several machines write it, and may go back.

Every so many facts the latest time so far is noted in a table, when somebody first asks; what is noted never changes.
So a time is found by the notes, and by reading one stretch between two of them.
"""

from datetime import datetime

from projections.store import Store

STRETCH = 10_000
# The time stands first in what is stored; where it should not, all of it is read as JSON.
RECORDED_AT = (
    'coalesce(substring(encode(substring(state FOR 100), \'escape\') FROM \'^[{]"timestamp":"([^"]+)"\'),'
    " convert_from(state, 'UTF8')::json->>'timestamp')::timestamptz"
)
NOTE = f"""
INSERT INTO known_times (position, latest)
SELECT upto, greatest(max(latest) OVER (ORDER BY upto), %(latest)s::timestamptz) FROM (
    SELECT (notification_id + %(stretch)s - 1) / %(stretch)s * %(stretch)s AS upto, max({RECORDED_AT}) AS latest
    FROM milemarker_events WHERE notification_id > %(after)s AND notification_id <= %(upto)s GROUP BY 1
) AS stretches ON CONFLICT (position) DO NOTHING
"""
LAST_NOTE = "SELECT position, latest FROM known_times ORDER BY position DESC LIMIT 1"
LAST_NOT_LATER = "SELECT coalesce(max(position), 0) AS position FROM known_times WHERE latest <= %s"
FIRST_LATER = f"""
SELECT min(notification_id) AS position FROM milemarker_events
WHERE notification_id > %(after)s AND notification_id <= %(upto)s AND {RECORDED_AT} > %(at)s
"""
LAST_BEFORE = "SELECT coalesce(max(notification_id), 0) AS position FROM milemarker_events WHERE notification_id < %s"
LAST_RECORDED = (
    f"SELECT {RECORDED_AT} AS at FROM milemarker_events WHERE notification_id <= %s"
    " ORDER BY notification_id DESC LIMIT 1"
)


def position_known_at(store: Store, known_at: datetime, *, stretch: int = STRETCH) -> int:
    """The largest position whose recorded_at, made non-decreasing along the positions, is not later; 0 for none."""
    top = store.app.recorder.max_notification_id() or 0
    _note(store, top, stretch)
    with store.views.datastore.cursor() as curs:
        curs.execute(LAST_NOT_LATER, (known_at,))
        after = _position(curs.fetchone())
        # A stretch without any fact has no note: the next one is looked for where facts are.
        while after < top:
            upto = after + stretch
            curs.execute(FIRST_LATER, {"after": after, "upto": upto, "at": known_at})
            found = curs.fetchone()
            if found is not None and found["position"] is not None:
                curs.execute(LAST_BEFORE, (found["position"],))
                return _position(curs.fetchone())
            after = upto
    return top


def _note(store: Store, top: int, stretch: int) -> None:
    """Note the latest time of each whole stretch that has none yet: the log only grows at its end."""
    with store.views.datastore.transaction(commit=True) as curs:
        curs.execute(LAST_NOTE)
        last = curs.fetchone()
        after, latest = (0, None) if last is None else (last["position"], last["latest"])
        upto = top // stretch * stretch
        if upto > after:
            curs.execute(NOTE, {"after": after, "upto": upto, "stretch": stretch, "latest": latest})


def recorded_at(store: Store, position: int) -> datetime | None:
    """When the last fact at or before this position was recorded; None where there is none."""
    with store.views.datastore.cursor() as curs:
        curs.execute(LAST_RECORDED, (position,))
        row = curs.fetchone()
    return None if row is None else row["at"]


def _position(row: object) -> int:
    assert isinstance(row, dict)
    return int(row["position"])
