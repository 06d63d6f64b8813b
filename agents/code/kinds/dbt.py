"""A dbt model: SQL whose tables are `ref` and `source`, compiled here and run as any query.

Only these, `config` and comments are taken: a template that loops or calls macros would be a program.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents import statement
from agents.code.kinds.sql import SQL, require_dialect
from agents.code.ran import Ran
from agents.code.state import Check, Task
from data.catalog import Catalog
from data.errors import Invalid
from data.sources.base import quoted

if TYPE_CHECKING:
    from agents.code.desk import Desk

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
TEXT = r"""\s*['"]([^'"]*)['"]\s*"""
SOURCE = re.compile(rf"\s*source\({TEXT},{TEXT}\)\s*")
REF = re.compile(rf"\s*ref\({TEXT}\)\s*")
TAGS = "{{ source() }}, {{ ref() }} or {{ config() }}"
CONFIG = re.compile(r"\s*config\([^{}]*\)\s*")


class Dbt:
    """Its own SQL is that of the warehouse: `task.dialect`, DuckDB's by default."""

    def check(self, code: str, task: Task, desk: Desk) -> list[Check]:
        require_dialect(task.dialect or statement.DIALECT)
        compiled = compiled_of(code, desk.visible)
        return [Check("compiles", "ok", compiled), *SQL().check(compiled, task, desk)]

    def run(self, code: str, task: Task, desk: Desk) -> Ran:
        return SQL().run(compiled_of(code, desk.visible), task, desk)


def compiled_of(code: str, visible: Catalog) -> str:
    """The model's SQL with tables in the place of `source` and `ref`. Invalid for any other template, and for a model
    that names tables without them."""
    used = False

    def replaced(found: re.Match[str]) -> str:
        nonlocal used
        if CONFIG.fullmatch(found[1]):
            return ""
        used = True
        return _table(found[1], visible)

    text = TAG.sub(replaced, COMMENT.sub("", code))
    if "{%" in text or "{{" in text or "}}" in text:
        raise Invalid("The model has a template tag that is not taken.", f"Use {TAGS}.")
    if not used:
        raise Invalid(
            "The model names no table by `source` or `ref`.", "Write FROM {{ source('square', 'payments') }}."
        )
    return text.strip()


def _table(tag: str, visible: Catalog) -> str:
    if found := SOURCE.fullmatch(tag):
        return f"{quoted(found[1])}.{quoted(found[2])}"
    if found := REF.fullmatch(tag):
        return _model(found[1], visible)
    raise Invalid(f"'{{{{{tag[:80]}}}}}' is not taken.", f"Use {TAGS}.")


def _model(name: str, visible: Catalog) -> str:
    """A model is a table of the catalogue: by its own name where only one is called so."""
    if name in visible:
        table = visible.table(name)
        return f"{quoted(table.source)}.{quoted(table.name)}"
    same = [table for table in visible.tables if table.name.lower() == name.lower()]
    if len(same) != 1:
        known = ", ".join(f"'{table.full_name}'" for table in same) or "none that you may see"
        raise Invalid(f"ref('{name}') could be: {known}.", "Name the table by `source`.")
    return f"{quoted(same[0].source)}.{quoted(same[0].name)}"
