"""Errors in the form that OpenAI's clients read."""

from __future__ import annotations

from typing import Any

TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "not_found_error", 405: "invalid_request_error", 413: "invalid_request_error",
    422: "invalid_request_error", 429: "rate_limit_error",
}  # fmt: skip
"""What is left is the server's."""


def wants(path: str) -> bool:
    """Whether a request's errors are read by such a client."""
    return path.startswith("/v1/")


def document(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem document in OpenAI's form; the message says what to do as well."""
    message = f"{problem['detail']} {problem['remedy']}".strip()
    kind = TYPES.get(problem["status"], "server_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": problem["kind"]}}


SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"}, "type": {"type": "string"}, "param": {"type": ["string", "null"]},
                "code": {"type": "string"},
            },
        }
    },
    "example": {
        "error": {"message": "There is no model 'x'.", "type": "not_found_error", "param": None, "code": "not_found"}
    },
}  # fmt: skip
