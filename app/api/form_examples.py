"""Examples of what goes to and comes from the routes of forms, for the API's description."""

from __future__ import annotations

from typing import Any

from app.api.problems import documented

Document = dict[str, Any]

FILL: Document = {"about": "merchant Blue Bottle", "answers": {"business/employees": 12}}
BATCH: Document = {"subjects": ["square.merchants:1", "square.merchants:2"], "sign": True}
REVIEWS: list[Any] = [
    {"answers": {"business/employees": 12, "contact/phone": None, "business/industry": {"use": 2}}},
    {"choice": 1},
]
SOURCE: Document = {
    "way": "column", "table": "square.merchants", "column": "name", "key": 1, "version": "3", "query": "",
    "passage": "", "name": "", "fields": [], "by": "", "audit_id": "7c0c5e5e4a4f4e3f",
}  # fmt: skip
VALUE: Document = {
    "path": "business/trading_name", "status": "filled", "value": "Blue Bottle", "source": SOURCE, "confidence": 0.97,
    "changed_by": "", "message": "", "candidates": [],
}  # fmt: skip
FILLING: Document = {
    "filling_id": "9f2c4be01d5e4f0c9f2c4be01d5e4f0c", "form": "merchant-onboarding", "version": 1, "principal": "owner",
    "status": "review", "about": "merchant Blue Bottle",
    "subject": {"table": "square.merchants", "key": 1, "label": "Blue Bottle"}, "choices": [],
    "values": {"business": {"trading_name": "Blue Bottle"}}, "fields": {"business/trading_name": VALUE},
    "missing": ["business/tax_id"], "problems": [], "complete": False, "signer": "", "signed_at": "", "digest": "",
}  # fmt: skip
SIGNED: Document = {
    **FILLING, "status": "signed", "missing": [], "complete": True, "signer": "owner",
    "signed_at": "2026-03-01T10:00:00.000000+00:00", "digest": "5b1f" * 16,
}  # fmt: skip
FIELD: Document = {
    "path": "business/trading_name", "kind": "string", "title": "Trading name", "description": "",
    "sections": ["Business"], "format": "", "pattern": "", "options": [], "fixed": False, "required": True,
    "condition": "", "instructions": "", "unit": "", "items": None, "columns": [], "most": 0,
}  # fmt: skip
FORM: Document = {
    "name": "merchant-onboarding", "version": 1, "title": "Merchant onboarding", "description": "",
    "subject": "square.merchants", "media": "", "fields": [FIELD],
}  # fmt: skip
FORMS: Document = {"forms": [{**FORM, "fields": 45}]}
DONE: Document = {
    "done": 2, "total": 2, "signed": 1, "incomplete": 1, "skipped": 0, "failed": [],
    "fillings": [{"subject": "square.merchants:1", "filling_id": FILLING["filling_id"]}],
}  # fmt: skip
FILL_EVENTS = """event: step
data: {"name": "resolve", "detail": "Blue Bottle", "seconds": 0.03}

event: filled
data: {"path": "business/trading_name", "status": "filled", "value": "Blue Bottle"}

event: filling
data: {"filling_id": "9f2c4be01d5e4f0c9f2c4be01d5e4f0c", "status": "review"}
"""
BATCH_EVENTS = """event: progress
data: {"done": 256, "total": 1000, "signed": 250, "incomplete": 6, "skipped": 0, "failed": [], "fillings": []}
"""
FILES: dict[int | str, Document] = {
    200: {
        "description": "The file",
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": {}, "example": FILLING["values"]},
        },
    }
}
UPLOAD: Document = {
    "requestBody": {
        "required": True,
        "content": {
            "application/schema+json": {
                "schema": {"type": "object"},
                "example": {"title": "Loan", "type": "object", "properties": {"amount": {"type": "number"}}},
            },
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def of(example: Document, events: str = "") -> dict[int | str, Document]:
    """The responses of a route: its document, the same as events where it has them, and how a failure looks."""
    return documented(example, events=events)
