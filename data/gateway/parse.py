"""Step 1: one SELECT, as a tree. Everything else is refused."""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.errors import Forbidden, Invalid
from data.gateway.query import Door, Query

LONGEST = 100_000
"""Characters of SQL that are read; a longer query is a mistake or an attack."""

REMEDY = "Write one SELECT."

FORBIDDEN = (exp.Into, exp.Lock, exp.DDL, exp.DML, exp.Command, exp.Pivot, exp.Version)
"""What may stand nowhere in a query: it writes, or reads what the gateway can't follow."""

VERBS = frozenset(["ALTER", "ATTACH", "CALL", "COPY", "CREATE", "DROP", "EXPORT", "IMPORT", "INSTALL", "LOAD", "SET"])
"""Statements that are refused as such also where the parser does not know their form."""

PLAIN = re.compile(r"(?!.*--)[\w .$:%+*#@^&|<>=!~/?-]*")
"""Parts of a tree that are written without quotes: a word, an operator, a part of a path."""

WORD = re.compile(r"[\w$]+")
NUMERAL = re.compile(r"[\w.]+(?:[eE][+-]?\d+)?")

RESERVED = "lakewright_"
"""How no parameter's and no CTE's name begins: these are the gateway's own."""

# sqlglot tells on its log what it could not parse; here the caller is told.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def parse(query: Query, door: Door) -> None:
    """Set `query.tree`. Invalid for text that is no SQL, Forbidden for SQL that is not one SELECT."""
    statements = _statements(query.asked)
    if not statements:
        raise Invalid("The query is empty.", REMEDY)
    if len(statements) != 1:
        raise Forbidden(f"{len(statements)} statements were given where one is allowed.", REMEDY)
    tree = statements[0]
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Values | exp.Table):
        raise Forbidden(f"{_kind(tree)} is not allowed: data can only be read.", REMEDY)
    _refuse_parts(tree)
    _check_ctes(tree)
    _check_params(tree, query)
    query.tree = tree


def _statements(text: str) -> list[exp.Expr]:
    if len(text) > LONGEST:
        raise Invalid(f"The query has {len(text):,} characters; at most {LONGEST:,} are read.", "Shorten it.")
    if "\x00" in text:
        raise Invalid("The query has a zero byte in it.", "Remove it.")
    if not readable(text):
        raise Invalid("The query has half a character in it (a lone surrogate).", "Remove it.")
    try:
        parsed = sqlglot.parse(text, dialect="duckdb")
    except RecursionError:
        raise Invalid("The query is nested too deeply.", "Simplify it.") from None
    except SqlglotError as error:
        first = text.split(maxsplit=1)[0].upper() if text.strip() else ""
        if first in VERBS:
            raise Forbidden(f"'{first}' is not allowed: data can only be read.", REMEDY) from None
        raise Invalid(f"The query can't be read: {_reason(error)}.", "Correct the SQL (DuckDB's dialect).") from None
    return [statement for statement in parsed if statement is not None and not isinstance(statement, exp.Semicolon)]


def readable(text: str) -> bool:
    """Whether a text is made of whole characters."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _reason(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if details:
        first = details[0]
        near = (first.get("highlight") or "").strip()
        return f"{first['description'].rstrip('.')} at line {first['line']}, near '{near}'"
    return str(error).splitlines()[0].rstrip(".")


def _kind(tree: exp.Expr) -> str:
    if isinstance(tree, exp.Command):
        return f"'{tree.name.upper()}'"
    return f"'{tree.key.upper()}'"


def _refuse_parts(tree: exp.Expr) -> None:
    for node in tree.walk():
        if isinstance(node, FORBIDDEN) and not isinstance(node, exp.Query):
            raise Forbidden(f"{_kind(node)} is not allowed in a query.", REMEDY)
        node.comments = None  # the tree is written anew, and they with it
        for part in node.args.values():
            if isinstance(part, str) and not _writable(node, part):
                raise Invalid(f"'{part[:60]}' can't stand where it does.", "Use a plain name there.")


def _writable(node: exp.Expr, part: str) -> bool:
    """Whether a tree that is written anew keeps this part in its place: in quotes, or because it is plain."""
    if isinstance(node, exp.Literal):
        return node.is_string or NUMERAL.fullmatch(part) is not None
    if isinstance(node, exp.Identifier):
        return bool(node.args.get("quoted")) or WORD.fullmatch(part) is not None
    return PLAIN.fullmatch(part) is not None


def _check_ctes(tree: exp.Expr) -> None:
    for cte in tree.find_all(exp.CTE):
        if cte.alias.lower().startswith(RESERVED):
            raise Invalid(f"The name '{cte.alias}' is kept.", "Give the sub-query another one.")


def _check_params(tree: exp.Expr, query: Query) -> None:
    named = {node.name for node in tree.find_all(exp.Placeholder, exp.Parameter)}
    if "" in named or any(name.isdigit() for name in named):
        raise Invalid("A parameter has no name.", "Write `$name`, and give its value by that name.")
    for name in sorted(named | query.params.keys()):
        if name.lower().startswith(RESERVED):
            raise Invalid(f"The parameter '${name}' has a name that is kept.", "Give it another one.")
    for name, value in query.params.items():
        if isinstance(value, str) and not readable(value):
            raise Invalid(f"The parameter '${name}' has half a character in it (a lone surrogate).", "Remove it.")
    for name in sorted(named - query.params.keys()):
        raise Invalid(f"The parameter '${name}' has no value.", "Give one by that name.")
    for name in sorted(query.params.keys() - named):
        raise Invalid(f"There is no parameter '${name}' in the query.", "Leave it out.")
