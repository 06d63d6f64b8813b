"""What each language is: how its text is checked before it runs, and how it runs. A language is one module."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from agents.code.state import Check, Language, Task

if TYPE_CHECKING:
    from agents.code.desk import Desk
    from agents.code.ran import Ran


class Kind(Protocol):
    """A language. Both raise DataError: Forbidden for what the caller may not have, Invalid for what is wrong with the
    text."""

    def check(self, code: str, task: Task, desk: Desk) -> list[Check]:
        """What can be told without running it."""
        ...

    def run(self, code: str, task: Task, desk: Desk) -> Ran:
        """Run it under the caller's rights."""
        ...


KINDS: dict[Language, str] = {
    "sql": "agents.code.kinds.sql:SQL",
    "pyspark": "agents.code.kinds.program:PySpark",
    "python": "agents.code.kinds.program:Python",
    "feature": "agents.code.kinds.feature:Feature",
    "stream": "agents.code.kinds.stream:Stream",
    "dbt": "agents.code.kinds.dbt:Dbt",
}


def kind_of(language: Language) -> Kind:
    """The kind of a language."""
    module, _, name = KINDS[language].partition(":")
    kind: Kind = getattr(import_module(module), name)()
    return kind
