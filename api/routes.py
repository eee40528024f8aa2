"""How a route joins the application: its roles, its documentation, all on one flat list."""

import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from api.auth import Admission
from api.documentation.introduction import tag_of

Endpoint = Callable[..., Coroutine[Any, Any, Response]]


class QuickRoute(APIRoute):
    """Asked without a query, it is answered without FastAPI's work on parameters, which costs more than the answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        whole, endpoint = super().get_route_handler(), self.endpoint
        checks = [depends.dependency for depends in self.dependencies]

        async def handle(request: Request) -> Response:
            if request.scope["query_string"]:
                return await whole(request)
            for check in checks:
                assert check is not None
                await check(request)
            answer: Response = await endpoint(request, **request.path_params)
            return answer

        return handle


class Routes:
    """Adds routes under /v1 to one router: routers inside routers would cost time at every request."""

    def __init__(self, router: APIRouter, admission: Admission) -> None:
        self._router = router
        self._admission = admission

    def add(
        self,
        call: str,
        endpoint: Endpoint,
        summary: str,
        *,
        roles: tuple[str, ...],
        answers: dict[int | str, dict[str, Any]],
        status: int = 200,
        body: Mapping[str, Any] | None = None,
        quick: bool = False,
    ) -> None:
        """`call`: method and path, such as "GET /targets". `quick`: all that it needs stands in its path."""
        method, path = call.split()
        self._router.add_api_route(
            f"/v1{path}",
            endpoint,
            methods=[method],
            summary=summary,
            description=_with_roles(endpoint, roles),
            tags=[tag_of(path)],
            dependencies=self._admission.of(*roles),
            status_code=status,
            responses=answers,
            openapi_extra=None if body is None else dict(body),
            route_class_override=QuickRoute if quick else None,
        )


def _with_roles(endpoint: Endpoint, roles: tuple[str, ...]) -> str:
    """What the endpoint's docstring says, and who may ask."""
    may = f"Roles: {', '.join(f'`{role}`' for role in roles)}."
    return f"{inspect.cleandoc(endpoint.__doc__ or '')}\n\n{may}".strip()
