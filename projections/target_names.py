"""Which target somebody means: by its id, the beginning of it, or its name."""

from uuid import UUID

from domain.refusal import Refused
from projections.store import Store

BEGINNING_MIN = 4
"""Characters of an id that are enough, where they fit one target only."""
CANDIDATES_MAX = 10


def find_target(store: Store, said: str) -> UUID:
    """An id, an unambiguous beginning of one, a name, or a part of one name in upper or lower case.

    Refused: unknown_target, or ambiguous_target with up to ten that fit.
    """
    try:
        return UUID(said)
    except ValueError:
        exact, begins, parts = _fitting(store, said)
    for fitting in (exact, begins, parts):
        if len(fitting) == 1:
            return fitting[0][0]
        if fitting:
            more = " and more" if len(fitting) > CANDIDATES_MAX else ""
            listed = "".join(f"\n  {one}  {name}" for one, name in fitting[:CANDIDATES_MAX])
            raise Refused("ambiguous_target", f"several targets are meant by {said!r}:{listed}{more}")
    raise Refused("unknown_target", f"there is no target {said!r}{_there_are(store)}")


def _fitting(store: Store, said: str) -> tuple[list[tuple[UUID, str]], ...]:
    """Those whose name it is, whose id begins so, and whose name has it in it; a few more than are listed."""
    exact: list[tuple[UUID, str]] = []
    begins: list[tuple[UUID, str]] = []
    parts: list[tuple[UUID, str]] = []
    sought = said.casefold()
    with store.views.datastore.cursor() as curs:
        for row in curs.stream("SELECT id, row->>'name' AS name FROM statuses ORDER BY id"):
            one = row["id"], str(row["name"])
            for fitting, fits in (
                (exact, one[1] == said),
                (begins, len(said) >= BEGINNING_MIN and str(one[0]).startswith(sought)),
                (parts, bool(sought) and sought in one[1].casefold()),
            ):
                if fits and len(fitting) <= CANDIDATES_MAX:
                    fitting.append(one)
    return exact, begins, parts


def _there_are(store: Store) -> str:
    with store.views.datastore.cursor() as curs:
        curs.execute("SELECT id, row->>'name' AS name FROM statuses ORDER BY id LIMIT %s", (CANDIDATES_MAX,))
        known = curs.fetchall()
    if not known:
        return ", and none at all"
    return "; there are, among others:" + "".join(f"\n  {row['id']}  {row['name']}" for row in known)
