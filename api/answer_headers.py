"""What browsers and proxies are told of answers: which none may keep, and what the documentation's page may do."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PRIVATE = {"Cache-Control": "private, no-store"}
DOCUMENTATION = {
    # Swagger's page starts with a script of its own inside it, and draws with styles and pictures inside its code.
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' 'unsafe-inline'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class AnswerHeaders:
    """Adds these headers: under /v1 to what a browser's session is answered, as caches know of Authorization and not
    of sessions; and to /docs, which may start what a session allows and so stands in no other site's frame."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        added = _of(scope) if scope["type"] == "http" else None
        if added is None:
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(added)
            await send(message)

        await self._app(scope, receive, sent)


def _of(scope: Scope) -> dict[str, str] | None:
    path: str = scope["path"]
    if path.startswith("/v1/"):
        names = [name for name, _ in scope["headers"]]
        return PRIVATE if b"cookie" in names and b"authorization" not in names else None
    return DOCUMENTATION if path == "/docs" or path.startswith("/docs/") else None
