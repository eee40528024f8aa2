"""Templates to pages: what every page of the dashboard has in common, its headers and its static files too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from projections.keys import ApiKey

HERE = Path(__file__).parent
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
"""Of the static files; a file of another kind is not served."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FOR_EVER = "public, max-age=31536000, immutable"
"""A static file's address changes with what is in it."""


@dataclass(frozen=True)
class StaticFile:
    """What is served at /static/<name>; version: of its content."""

    content: bytes
    media_type: str
    version: str


class Pages:
    """Renders templates. The static files are read once, at the start: what is not there then does not exist."""

    def __init__(self) -> None:
        self._files = _read(HERE / "static")
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals["static"] = self.address

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/static/{name}", self.static, methods=["GET", "HEAD"], include_in_schema=False)

    async def static(self, request: Request, name: str) -> Response:
        found = self._files.get(name)
        if found is None:
            return HTMLResponse("There is no such file.", 404, HEADERS)
        # Asked for by another version, as by a page of before an upgrade, it is not to be kept.
        lasting = request.url.query == f"v={found.version}"
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": FOR_EVER if lasting else "no-cache"}
        return Response(found.content, headers=headers, media_type=found.media_type)

    def address(self, name: str) -> str:
        """Where a static file is, with the version of its content."""
        return f"/static/{name}?v={self._files[name].version}"

    def part(self, name: str, **what: Any) -> Markup:
        """A part of a page, such as a region."""
        return Markup(self._templates.get_template(name).render(what))

    def render(
        self,
        name: str,
        *,
        status: int = 200,
        visitor: ApiKey | None = None,
        stream: str | None = None,
        headers: Mapping[str, str] | None = None,
        **what: Any,
    ) -> HTMLResponse:
        """A whole page. stream: the address of its live regions, if it has any."""
        page = self._templates.get_template(name).render(what | {"visitor": visitor, "stream": stream})
        return HTMLResponse(page, status, HEADERS | dict(headers or {}))


def _read(folder: Path) -> dict[str, StaticFile]:
    files: dict[str, StaticFile] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in TYPES:
            content = path.read_bytes()
            if path.suffix == ".css":
                content = _packed(content.decode()).encode()
            files[path.name] = StaticFile(content, TYPES[path.suffix], sha256(content).hexdigest()[:12])
    return files


def _packed(style: str) -> str:
    """A style sheet without what only people need: comments, line breaks, spaces between rules."""
    lines = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return re.sub(r" ?([{};,]) ?", r"\1", re.sub(r"\s+", " ", lines)).strip()
