"""What is computed over many rows: counts, sums, averages, their ratios, and parts of them by FILTER."""

from __future__ import annotations

from agents.grammar.numbers import converted, row_number
from agents.grammar.scope import Scope
from agents.grammar.where import Part, Where

_FUNCTIONS = ("sum(", "avg(", "min(", "max(", "median(")


class Aggregates:
    """The aggregates over one path."""

    def __init__(self, scope: Scope) -> None:
        self._scope, self._add = scope, scope.basis.rules.add
        self._some = Where(scope, alone=True)
        number, column, functions = row_number(scope), scope.rule("any"), scope.basis.rules.terms(*_FUNCTIONS)
        self._converted = converted(scope.basis.rules)
        self.summed = f'"sum(" {number} ")"' if number else ""
        self.plain = self._add(
            '"count(*)"',
            f'"count(DISTINCT " {column} ")"' if column else "",
            f'{functions} {number} ")"' if number else "",
        )

    def alone(self) -> str:
        """A rule for aggregates without FILTER."""
        time = self._scope.rule("time")
        return self._add(self.counted(), f'("min(" | "max(") {time} ")"' if time else "")

    def counted(self) -> str:
        """A rule for those that are numbers."""
        ratios = (f'"avg(" {measure} " / " {others} ")"' for measure, others in self._scope.pairs("measure"))
        return self._add(
            f"{self.plain} {self._converted}",
            f'{self.plain} " / " {self.plain}',
            f'"100.0 * " {self.plain} " / " {self.plain}',
            *ratios,
        )

    def grouped(self) -> str:
        """A rule for aggregates of a group: also its share of all groups."""
        parts = ('"count(*)"', self.summed)
        shares = [f'"100.0 * " {part} " / " "sum(" {part} ")" " OVER ()"' for part in parts if part]
        return self._add(self.alone(), *shares)

    def filtered(self, part: Part) -> str:
        """A rule for aggregates with FILTER that uses all of `part`: shares, differences, growth."""
        some = self._part(part)
        if not some:
            return ""
        other = self._part(frozenset())
        differing = self._add(f'{some} " - " {other}', f'{other} " - " {some}')
        return self._add(
            f"{some} {self._converted}",
            f'("100.0 * ")? {some} " / " ({self.plain} | {other})',
            differing,
            f'"100.0 * (" {differing} ") / " {other}',
        )

    def _part(self, part: Part) -> str:
        conditions = self._some.all(part)
        return self._add(f'{self.plain} " FILTER (WHERE " {conditions} ")"') if conditions else ""
