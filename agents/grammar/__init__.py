"""The grammar that the model's SQL is decoded in, made for one question and one caller.

It is a Lark grammar for llguidance over FROM-first DuckDB SQL. The tables are chosen first, so every later
name is one of their columns; columns are used by what they are (only measures are summed, only times are
compared with dates); texts, dates and numbers come from the question, from the values that retrieval linked and
from the short lists of values that the prompt shows. A name that the caller may not see can't be written, as it
is in no rule. What the question insists on, a period or a value, can't be forgotten (`agents.grammar.required`).

Instead of SQL the model may write that the data has no such thing, or that the question can mean several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agents.grammar.literals import Literals
from agents.grammar.queries import query
from agents.grammar.required import filters, relaxed
from agents.grammar.routes import likely
from agents.grammar.rules import either, quote, terminal
from agents.grammar.scope import Basis, Values
from agents.paths import Path
from retrieval import Context

__all__ = ["OTHERWISE", "Literals", "Values", "lark", "quote"]

OTHERWISE = ("unsure", "clarify")
"""Whole answers that are no SQL."""


def lark(context: Context, values: Values | None = None, only: Callable[[Path], bool] = lambda _: True) -> str:
    """The grammar for a question: Lark text with the rule `start`, over the paths that `only` lets through.

    `values` are the texts that the caller may read, by default those of the context.
    "" where no table can tell the minutes that the question is about.
    """
    found, literals = filters(context), Literals.of(context)
    # Where no tables can be joined so that all that is required is used, it may be left out again.
    for wanted in (found, relaxed(found)):
        basis = Basis(context, literals, wanted, context.values if values is None else values)
        chosen = (path for path in likely(context.catalog, basis.meant) if only(path))
        if queries := [rule for path in chosen if (rule := query(basis, path))]:
            return _text(basis, queries)
    return "" if any(f.hints[0].brief for f in found) else _text(basis, ())


def _text(basis: Basis, queries: Iterable[str]) -> str:
    start = either((*map(terminal, OTHERWISE), *queries))
    return "\n".join((f"start: {start}", basis.rules.text()))
