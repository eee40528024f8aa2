"""Pages for tests: fetched with all that is recorded, read as people read them, and weighed."""

import re
from html import unescape
from typing import Any

import httpx

from tests.api.living import Living

BYTES_MAX = 60_000
"""Of the first load of any page."""


def page(client: httpx.Client, path: str, status: int = 200) -> httpx.Response:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


def target_page(api: Living, target: dict[str, Any], client: httpx.Client | None = None) -> httpx.Response:
    """The page with all that is recorded."""
    position = api.store.app.recorder.max_notification_id()
    for path in (f"/v1/targets/{target['id']}/milestones", f"/v1/targets/{target['id']}/checkpoints", "/v1/inbox"):
        assert api.manager.get(path, params={"min_position": str(position)}).status_code == 200
    series = api.manager.get(f"/v1/targets/{target['id']}/series", params={"min_position": str(position)})
    assert series.status_code == 200
    return page(client or api.manager, f"/targets/{target['id']}")


def words(answer: httpx.Response, region: str = "") -> str:
    """What people read there, or in one region, with single spaces."""
    html = answer.text.partition("<main")[2].partition(">")[2]
    if region:
        html = html.partition(f'<section id="{region}"')[2].partition(">")[2].partition("</section>")[0]
    text = re.sub(r"<(svg|noscript)\b.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).replace(" ,", ",").strip()


def weight(api: Living, answer: httpx.Response) -> int:
    """Bytes of a page with all that a browser fetches for it."""
    parts = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text))
    assert parts
    return len(answer.content) + sum(len(api.admin.get(unescape(one)).content) for one in parts)
