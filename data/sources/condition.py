"""Conditions that a store may look for, so that it need not give all of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.sources.base import literal

Value = int | str
Operator = Literal["=", "<", "<=", ">", ">=", "IN", "IS NULL"]


@dataclass(frozen=True)
class Condition:
    """A column against values that are written out: whole numbers of 64 bits, or texts without NUL. Days and
    moments are texts in ISO form. `IN` has some values, `IS NULL` none, all others one."""

    column: str
    operator: Operator
    values: tuple[Value, ...] = ()

    def __str__(self) -> str:
        values = [literal(value) if isinstance(value, str) else str(value) for value in self.values]
        if self.operator == "IN":
            return f"{self.column} IN ({', '.join(values)})"
        return f"{self.column}{self.operator}{values[0]}" if values else f"{self.column} {self.operator}"
