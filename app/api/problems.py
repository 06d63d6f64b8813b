"""Errors as problem documents (RFC 9457), with the same kind, message and remedy as on the command line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

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
    }


def of_error(error: DataError) -> dict[str, Any]:
    """The problem that a domain error is."""
    return document(STATUS.get(error.kind, 500), error.kind, error.message, error.remedy)


def response(problem: dict[str, Any], retry_after: object = None) -> JSONResponse:
    """`retry_after` is in seconds, for what may be asked again."""
    headers = {"WWW-Authenticate": 'Bearer realm="lakewright"'} if problem["status"] == 401 else {}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return JSONResponse(problem, problem["status"], headers, MEDIA_TYPE)


def register(app: FastAPI) -> None:
    """Translate every failure of the API; what nobody foresaw tells nothing of its inside."""

    @app.exception_handler(DataError)
    async def data_error(request: Request, error: DataError) -> JSONResponse:
        return response(of_error(error), error.facts.get("retry_after"))

    @app.exception_handler(RequestValidationError)
    async def invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
        said = "; ".join(f"{_place(item['loc'])}: {item['msg']}" for item in error.errors())
        return response(document(422, "invalid", f"The request is wrong: {said}.", "See /api/openapi.json."))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        kind = "not_found" if error.status_code == 404 else "invalid"
        return response(document(error.status_code, kind, str(error.detail)))

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return response(document(500, "internal", "Something went wrong inside Lakewright.", "See the server's log."))


def _place(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "body"
