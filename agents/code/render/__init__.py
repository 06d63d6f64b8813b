"""Programs from SQL: the tree of a query becomes steps over frames, and these are written in each language of frames.

What is rendered is a typed subset: whatever `agents.grammar` can write, and what people often add to it. The program
gives the rows of the SQL, also where values are missing; `Unsupported` says what can't be written.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal

from agents import statement
from agents.code.render.lower import Lowering
from agents.code.render.plan import Frame, Unsupported
from agents.code.render.rewriting import plainly
from data.catalog import Catalog

__all__ = ["Dialect", "Unsupported", "frame", "render"]

Dialect = Literal["pyspark", "polars", "pandas"]
"""The languages of frames that programs are written in."""


def frame(sql: str, catalog: Catalog, names: tuple[str, ...] = ()) -> Frame:
    """The steps of a query over the tables of a catalogue; `names` are what its columns are to be called."""
    return Lowering(catalog).frame(plainly(statement.query(sql), catalog), names)


def render(sql: str, dialect: Dialect, catalog: Catalog, names: tuple[str, ...] = ()) -> str:
    """The program whose `result` has the rows of the query. Unsupported names what can't be written."""
    write: Callable[[Frame], str] = import_module(f"agents.code.render.{dialect}").program
    return write(frame(sql, catalog, names))
