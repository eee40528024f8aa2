"""Lists: every one is {"items": [...], "next": cursor or null}."""

from collections.abc import Sequence

import orjson


def page_of(items: Sequence[bytes], after: object) -> bytes:
    """The page of these items, JSON each; `after`: what the next page begins after, None on the last."""
    return b'{"items":[' + b",".join(items) + b'],"next":' + orjson.dumps(after and str(after)) + b"}"
