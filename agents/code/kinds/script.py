"""A Python text as its tree tells about it, before anything of it runs. This finds mistakes early; what keeps a
hostile program in is the sandbox alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from data.errors import Invalid

LONGEST = 100_000
RESULT = "result"
"""What a program binds its outcome to."""
VIEWS = frozenset({"createOrReplaceTempView", "createTempView", "createGlobalTempView", "registerTempTable"})
"""What gives names to frames that SQL may then use: such names are no tables of the catalogue."""
READS = {"spark": frozenset({"table", "sql"}), "lakehouse": frozenset({"table", "sql", "pandas", "polars"})}


@dataclass(frozen=True)
class Script:
    """A program's tree."""

    tree: ast.Module

    @classmethod
    def parse(cls, code: str) -> Script:
        """Invalid, with the line, for what is no Python."""
        if len(code) > LONGEST:
            raise Invalid(f"The program has {len(code):,} characters; {LONGEST:,} are the most.", "Shorten it.")
        try:
            return cls(ast.parse(code))
        except SyntaxError as error:
            place = f"Line {error.lineno}" if error.lineno else "The program"
            raise Invalid(f"{place} is no Python: {error.msg}.", "Correct it.") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Invalid(f"The program can't be read: {type(error).__name__}.", "Simplify it.") from None

    @property
    def binds_result(self) -> bool:
        """Whether `result` is bound anywhere at the top, be it in a branch or a loop."""
        return any(isinstance(name, ast.Name) and name.id == RESULT for name in self._stored(self.tree.body))

    @property
    def makes_views(self) -> bool:
        return any(isinstance(node, ast.Attribute) and node.attr in VIEWS for node in ast.walk(self.tree))

    def reads(self) -> Iterator[tuple[str, str, int]]:
        """(function, text, line) of each reading whose text stands in the program: `spark.table("square.payments")`."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Attribute):
                continue
            owner, text = node.func.value, node.args[0]
            named = isinstance(owner, ast.Name) and node.func.attr in READS.get(owner.id, frozenset())
            if named and isinstance(text, ast.Constant) and isinstance(text.value, str):
                assert isinstance(owner, ast.Name)
                yield f"{owner.id}.{node.func.attr}", text.value, node.lineno

    def uses(self, name: str) -> bool:
        """Whether a name is read anywhere."""
        return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(self.tree))

    def _stored(self, body: list[ast.stmt]) -> Iterator[ast.expr]:
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node
