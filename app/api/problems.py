"""Errors as problem documents (RFC 9457), with the same kind, message and remedy as on the command line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.api.openai import errors as openai
from data.audit import REQUEST
from data.errors import DataError

STATUS = {
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "invalid": 400,
    "too_large": 413,
    "too_expensive": 422,
    "busy": 429,
    "unavailable": 503,
}
MEDIA_TYPE = "application/problem+json"
EXAMPLE = {
    "type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is no table 'square.shops'.",
    "kind": "not_found", "remedy": "Did you mean 'square.merchants'?", "request_id": "9f2c4be01d5e4f0c",
}  # fmt: skip
FAILURES: dict[int | str, str] = {
    400: "What was asked makes no sense", 401: "There is no valid token", 403: "The caller may not do this",
    404: "There is no such thing for the caller", 408: "The request took too long to come",
    413: "The request is too large", 422: "The request has not the form that is described, or would cost too much",
    429: "Too much is asked at once: wait as Retry-After says", 503: "A service does not answer",
}  # fmt: skip
SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "kind", "remedy", "request_id"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "kind": {"type": "string"}, "remedy": {"type": "string"},
        "request_id": {"type": "string"}, "retry_after": {"type": "integer"},
    },
    "example": EXAMPLE,
}  # fmt: skip


class TooMany(DataError):
    """More requests than may come; `retry_after` are the seconds to wait."""

    kind: ClassVar[str] = "busy"

    def __init__(self, who: str, seconds: int) -> None:
        super().__init__(f"{who} sends too many requests.", f"Wait {seconds} s.", retry_after=seconds)


def document(status: int, kind: str, message: str, remedy: str = "") -> dict[str, Any]:
    """The body of a problem; `detail` is the message under the standard's name."""
    title = HTTPStatus(status).phrase
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": message,
        "kind": kind,
        "remedy": remedy,
        "request_id": REQUEST.get(),
    }


def of_error(error: DataError) -> dict[str, Any]:
    """The problem that a domain error is."""
    found = document(STATUS.get(error.kind, 500), error.kind, error.message, error.remedy)
    return {**found, **({"retry_after": error.facts["retry_after"]} if "retry_after" in error.facts else {})}


def response(problem: dict[str, Any], path: str = "") -> JSONResponse:
    """The problem as an answer, in the form that the clients of this path read."""
    headers = {"WWW-Authenticate": 'Bearer realm="lakewright"'} if problem["status"] == 401 else {}
    if problem["status"] == 429 or "retry_after" in problem:
        headers["Retry-After"] = str(problem.get("retry_after", 1))
    if openai.wants(path):
        return JSONResponse(openai.document(problem), problem["status"], headers)
    return JSONResponse(problem, problem["status"], headers, MEDIA_TYPE)


def documented(example: Any = None, *, status: int = 200, events: str = "") -> dict[int | str, dict[str, Any]]:
    """How a route's success looks, for its description: its document, and the same as events where it has them."""
    content: dict[str, Any] = {} if example is None else {"application/json": {"example": example}}
    if events:
        content["text/event-stream"] = {"schema": {}, "example": events}
    return {status: {"description": "Done", **({"content": content} if content else {})}}


def failures(media: str = MEDIA_TYPE, name: str = "Problem") -> dict[int | str, dict[str, Any]]:
    """Every status with which a request may fail, and what it then gives. A 500 is not among them: it is a fault."""
    content = {media: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {status: {"description": said, "content": content} for status, said in FAILURES.items()}


def register(app: FastAPI) -> None:
    """Translate every failure of the API; what nobody foresaw tells nothing of its inside."""

    @app.exception_handler(DataError)
    async def data_error(request: Request, error: DataError) -> JSONResponse:
        return response(of_error(error), request.url.path)

    @app.exception_handler(RequestValidationError)
    async def invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
        said = "; ".join(f"{_place(item['loc'])}: {item['msg']}" for item in error.errors())
        problem = document(422, "invalid", f"The request is wrong: {said}.", "See /api/openapi.json.")
        return response(problem, request.url.path)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        kind = "not_found" if error.status_code == 404 else "invalid"
        return response(document(error.status_code, kind, str(error.detail)), request.url.path)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        problem = document(500, "internal", "Something went wrong inside Lakewright.", "See the server's log.")
        return response(problem, request.url.path)


def _place(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "body"
