"""Examples of what goes to and comes from the routes of code, for the API's description."""

from __future__ import annotations

from typing import Any

from app.api.form_examples import of

__all__ = ["APPROVAL", "DELIVERY", "EVENTS", "RUN", "TASK", "of"]

Document = dict[str, Any]

SQL = "SELECT country, count(*) AS merchants FROM square.merchants GROUP BY country"
TASK: Document = {"task": "Count the merchants by country.", "language": "sql", "mode": "run", "expects": ["merchants"]}
RUN: Document = {"code": SQL, "language": "sql"}
APPROVAL: Document = {"decision": "approve"}
CHECK: Document = {"name": "schema", "verdict": "ok", "detail": "country, merchants"}
ATTEMPT: Document = {
    "number": 1, "code": SQL, "sql": None, "explanation": "", "checks": [CHECK], "error": None, "stdout": "",
    "stderr": "", "seconds": 1.2,
}  # fmt: skip
DELIVERY: Document = {
    "code_id": "9f2c4be01d5e4f0c9f2c4be01d5e4f0c", "status": "delivered", "language": "sql",
    "task": "Count the merchants by country.", "principal": "owner", "mode": "run", "code": SQL,
    "explanation": "One row for each country.", "checks": [CHECK],
    "result": {
        "columns": ["country", "merchants"], "types": ["string", "int64"], "rows": [["CA", 12]], "count": 1,
        "truncated": False, "sample": None, "charts": [],
    },
    "attempts": [ATTEMPT], "tests": "import os\n", "log": ["write: 1 lines"],
    "sources": [{"table": "square.merchants", "version": "3"}], "question": "", "write_back": None, "error": None,
    "endpoint": "large", "seconds": 1.3,
}  # fmt: skip
EVENTS = """event: step
data: {"name": "write", "detail": "1 lines", "seconds": 0.9}

event: attempt
data: {"number": 1, "code": "SELECT country FROM square.merchants", "error": null}

event: delivery
data: {"code_id": "9f2c4be01d5e4f0c9f2c4be01d5e4f0c", "status": "delivered"}
"""
