"""HTTP: whether it can do its work, as /readyz says."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from deploy.checkup.finding import Finding, Group, ok, wrong

ANSWER_S = 1.5
BODY_MAX = 10_000


def web_group(url: str | None) -> Group:
    """url: None in production, where whoever balances the load asks /readyz."""
    return Group([("HTTP", lambda: ready(url))] if url is not None else [])


def ready(url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    # http.client, because it knows nothing of the environment's proxies.
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(BODY_MAX)
    except (OSError, http.client.HTTPException) as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        yield wrong("HTTP", f"{url} does not answer: {said}", "see what logs/api.log in the directory says")
        return
    finally:
        connection.close()
    if answer.status == http.HTTPStatus.OK:
        yield ok("HTTP", f"{url} is ready")
    else:
        yield wrong("HTTP", f"{url} is not ready: {_detail(body)}", "mend that first")


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])[:200]
    except (ValueError, KeyError, TypeError):
        return "it does not say why"
