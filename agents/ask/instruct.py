"""Talking to a model that wasn't trained on our prompt: what it is told, and how its reply is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents import statement
from data.catalog import Catalog, Table
from data.errors import Invalid
from retrieval.hints import Hint

RULES = """\
You answer questions about a company's data by writing one DuckDB SELECT statement.
- Use only the tables and columns below, and name each table in full, as in FROM {example}.
- Every value must come from the rows; write no comments.
- Reply with the statement in one ```sql block and nothing else.
- If the tables can't answer the question, reply with UNSURE: and a reason.
- If the question can be read in ways that give different answers, reply with CLARIFY: and a question back."""

_FENCE = re.compile(r"```[ \t]*(?:\w+)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
# "From what I see" and "With these tables" are prose; a query names a table with a dot, or a common table.
_QUERY = r"(?:SELECT\b(?=.*\bFROM\b)|WITH\s+(?:RECURSIVE\s+)?\w+\s+AS\s*\(|FROM\s+\"?\w+\"?\.\"?\w).*"
_STARTS = (
    re.compile(rf"^[ \t>*`]*({_QUERY})", re.IGNORECASE | re.MULTILINE | re.DOTALL),
    re.compile(rf"\b({_QUERY})", re.IGNORECASE | re.DOTALL),
)
# An empty line ends a query, unless the query visibly goes on behind it.
_CLAUSE = r"WHERE|GROUP|HAVING|QUALIFY|ORDER|LIMIT|OFFSET|(?:\w+\s+)?JOIN|FROM|SELECT|UNION|[),]"
_BREAK = re.compile(rf"\n\s*\n(?!\s*(?:{_CLAUSE}))", re.IGNORECASE)
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_DECLINED = re.compile(r"^\W*(UNSURE|CLARIFY)\s*:\s*(.*)", re.DOTALL)


TOOLS = """\
Where the question is about one entity or one score that a tool below knows, call the tool instead of writing SQL; when
it has answered, reply with one short sentence and no SQL."""


def system(catalog: Catalog, tools: str = "") -> str:
    """The rules and the tables, with descriptions, units and the ways to join; then what tools know of."""
    example = catalog.tables[0].full_name if catalog.tables else "source.table"
    told = f"{RULES.format(example=example)}\n\n{described(catalog)}"
    return f"{told}\n\n{TOOLS}\n\n{tools}" if tools else told


def described(catalog: Catalog) -> str:
    """The tables of a catalogue with the ways to join them."""
    tables_of = "\n\n".join(_table(table) for table in catalog.tables)
    joins = "\n".join(f"{r.table}.{r.column} = {r.to_table}.{r.to_column}" for r in catalog.relationships)
    return f"Tables:\n\n{tables_of}\n\nJoins:\n{joins or 'none'}"


def user(question: str, hints: Sequence[Hint]) -> str:
    """The question with what its phrases were found to mean."""
    if not hints:
        return question
    found = "\n".join(f"- {hint.text}" for hint in hints)
    return f"{question}\n\nWhat phrases of the question may mean:\n{found}"


def fenced(sql: str) -> str:
    """SQL as the model is told to write it."""
    return f"```sql\n{sql}\n```"


def correction(message: str) -> str:
    """What the model is told after its SQL was refused."""
    return f"That didn't work: {message}\nReply with the corrected statement in one ```sql block."


def declined(reply: str) -> tuple[str, str]:
    """("clarify" or "unsure", the model's words) if it wrote no SQL on purpose, else ("", "")."""
    found = _DECLINED.match(spoken(reply))
    return (found[1].lower(), found[2].strip()) if found else ("", "")


def sql(reply: str) -> str:
    """The SQL in a reply that may be chatty: its first fenced block, or what begins and ends like a query.

    Text that is no query is given back too, so that the check can say what is wrong with it; nothing is left
    out of the middle, as a query without its broken filter would be another question's.
    """
    said = spoken(reply)
    if fenced := _FENCE.search(said):
        return _trim(fenced[1])
    for start in _STARTS:
        if found := start.search(said):
            ends = [_trim(text) for text in _endings(found[1])]
            return next((text for text in ends if _is_query(text)), ends[-1])
    return ""


def spoken(reply: str) -> str:
    """A reply without what a model thought before it."""
    return _THOUGHT.sub("", reply).strip()


def _endings(text: str) -> tuple[str, ...]:
    """Where a query may end, latest first: with the reply, at an empty line, at a semicolon."""
    return text, _BREAK.split(text, maxsplit=1)[0], _BREAK.split(text, maxsplit=1)[0].split(";", 1)[0]


def _trim(text: str) -> str:
    return text.strip().rstrip(";` \n")


def _is_query(text: str) -> bool:
    try:
        return statement.reads_rows(statement.query(text))
    except Invalid:
        return False


def _table(table: Table) -> str:
    columns = "\n".join(
        f"  {c.name} {c.type}: {c.description}{f' Unit: {c.unit}.' if c.unit else ''}" for c in table.columns
    )
    return f"{table.full_name}: {table.description}\n{columns}"
