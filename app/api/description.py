"""The description of the whole API: OpenAPI, with how every failure looks."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api import problems
from app.api.openai import errors as openai

ABOUT = """\
Questions, governed SQL, the catalogue, features, scores and forms, each under the rights of the token's principal.

This is version 1. Within it, fields and routes are only added. A client may send `Lakewright-Version: 1`; what would
break it gets another number, and both are served for a year.
"""


def describe(app: FastAPI) -> None:
    """Let the application give this description, made when it is first asked for."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            app.openapi_schema = found
            schemas |= {"Problem": problems.SCHEMA, "OpenAIError": openai.SCHEMA}
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign]
