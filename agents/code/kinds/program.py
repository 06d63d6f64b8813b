"""Python and PySpark: read as a tree, then run in the sandbox, whose only way to the data is the gateway."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal

from agents import statement
from agents.code.kinds.script import Script
from agents.code.ran import Ran
from agents.code.state import Check, Task
from data.errors import DataError, Forbidden, Invalid, NotFound
from data.gateway.resolve import references
from data.sources.base import quoted

if TYPE_CHECKING:
    from agents.code.desk import Desk

QUERY = re.compile(r"\s*(SELECT|WITH|FROM)\b", re.IGNORECASE)


class Python:
    """A program over frames that `import lakehouse` gives."""

    language: ClassVar[Literal["python", "pyspark"]] = "python"
    door: ClassVar[str] = "lakehouse"
    dialect: ClassVar[str] = "duckdb"

    def check(self, code: str, task: Task, desk: Desk) -> list[Check]:
        script = Script.parse(code)
        if not script.binds_result:
            raise Invalid("The program binds nothing to `result`.", "End it with `result = …`.")
        if not script.uses(self.door):
            raise Invalid(f"The program reads nothing by `{self.door}`.", f"Read tables by `{self.door}`.")
        tables = self._readable(script, desk)
        said = f"It reads {', '.join(tables)}." if tables else "What it reads shows when it runs."
        return [Check("parses", "ok"), Check("may read", "ok" if tables else "skipped", said)]

    def run(self, code: str, task: Task, desk: Desk) -> Ran:
        return desk.program(code, self.language, self._tables(Script.parse(code), desk))

    def _tables(self, script: Script, desk: Desk) -> list[str]:
        """The tables that stand in the text, as SQL names them."""
        found: list[str] = []
        for function, text, _ in script.reads():
            if function.startswith(self.door):
                is_query = function.endswith(".sql") or QUERY.match(text) is not None
                found += _named(self._query(text)) if is_query else [_dotted(text)]
        return list(dict.fromkeys(found))

    def _readable(self, script: Script, desk: Desk) -> list[str]:
        """The tables and queries that stand in the text; raises what the gateway says of one that can't be read."""
        found = []
        for function, text, line in script.reads():
            if not function.startswith(self.door):
                continue
            is_query = function.endswith(".sql") or QUERY.match(text) is not None
            if is_query and script.makes_views:
                continue
            try:
                desk.gateway.explain(desk.principal, self._query(text) if is_query else _whole(text))
            except (NotFound, Forbidden, Invalid) as error:
                raise _at(line, error) from None
            found.append("a query" if is_query else text)
        return list(dict.fromkeys(found))

    def _query(self, text: str) -> str:
        return statement.translated(text, self.dialect)


class PySpark(Python):
    """A program over DataFrames of `spark`, which is given."""

    language = "pyspark"
    door = "spark"
    dialect = "spark"


def _dotted(name: str) -> str:
    """A table's name as SQL."""
    return ".".join(quoted(part) for part in name.replace("`", "").split("."))


def _whole(name: str) -> str:
    """All of a table."""
    return f"SELECT * FROM {_dotted(name)}"


def _named(query: str) -> list[str]:
    """The tables of a query."""
    return [".".join(quoted(part.name) for part in node.parts) for node in references(statement.query(query))]


def _at(line: int, error: DataError) -> DataError:
    return type(error)(f"Line {line}: {error.message}", error.remedy, **error.facts)
