"""What a task demands in so many words, and what of it a program for it does not meet, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from agents import statement
from agents.code.demands.clauses import misread
from agents.code.demands.columns import Columns, columns, numbers
from agents.code.demands.values import missing
from agents.code.demands.words import unanswered
from agents.code.state import Check, Draft, Task
from data.catalog import Catalog, Table

NAME = "asked"
"""The check's."""
_INSTEAD = re.compile(r"\b(?:instead of|rather than|no longer)\b[^,.;]*", re.I)
_QUERIES = ("sql", "pyspark", "python", "dbt")


def checked(task: Task, draft: Draft, catalog: Catalog) -> Check:
    """Whether a draft answers to all that its task says in so many words."""
    if task.language not in _QUERIES:
        return Check(NAME, "skipped")
    return told(unmet(task.text, draft.code, _tree(task, draft), catalog))


def told(lacking: list[str]) -> Check:
    """The check for what is lacking, in words for the model and for people."""
    if not lacking:
        return Check(NAME, "ok", "Nothing that the task says in so many words is left out.")
    return Check(NAME, "failed", f"Of what the task asks for, the program lacks {'; '.join(lacking)}.")


def listed(task: Task, shown: int) -> list[str]:
    """What the columns of a result lack of those that a task lists."""
    return list(_columns(task.text, columns(task.text), shown)) if task.language in _QUERIES else []


def _tree(task: Task, draft: Draft) -> exp.Query | None:
    """The draft as SQL, where it is known."""
    if not draft.sql and task.language != "sql":
        return None
    dialect = statement.DIALECT if draft.sql else task.dialect or statement.DIALECT
    try:
        tree = parse_one(draft.sql or draft.code, dialect=dialect)
    except SqlglotError:
        return None
    return tree if isinstance(tree, exp.Query) else None


def unmet(task: str, program: str, tree: exp.Query | None, catalog: Catalog) -> list[str]:
    """What a task lists, bounds by or names that a program lacks; `tree` is the same as SQL, None where it is not
    known."""
    task = _INSTEAD.sub(" ", task)
    said = bare(program)
    found: list[str] = []
    if tree is not None:
        named = columns(task)
        found += [] if tree.is_star else _columns(task, named, len(tree.selects))
        found += misread(task, tree, _tables(tree, catalog), named.names if named else ())
        said = f"{said}\n{tree.sql(dialect=statement.DIALECT)}"
    return list(dict.fromkeys([*found, *missing(task, said), *unanswered(task, said)]))


def bare(program: str) -> str:
    """A program without its remarks, which may say the task again."""
    return re.sub(r"(?m)(?:^|(?<=\s))(?:#|--) .*$", "", re.sub(r'(?s)""".*?"""', "", program))


def _tables(tree: exp.Query, catalog: Catalog) -> list[Table]:
    named = {".".join(part.name for part in node.parts).lower() for node in tree.find_all(exp.Table)}
    return [table for table in catalog.tables if table.full_name.lower() in named]


def _columns(task: str, named: Columns | None, shown: int) -> Iterator[str]:
    if named is not None and not named.least <= shown <= named.most:
        yield f"the columns {', '.join(named.names)}"
    elif shown < (described := numbers(task)):
        yield f"the {described} numbers that it describes"
