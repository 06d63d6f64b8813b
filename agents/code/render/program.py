"""From a plan to the text of a program: frames in the order in which they are needed, each a chain of steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from sqlglot import exp

from agents.code.render import kinds, layout
from agents.code.render.expressions import Expressions
from agents.code.render.plan import (
    Below,
    Distinct,
    Extend,
    Filter,
    Frame,
    Group,
    Head,
    Join,
    Kind,
    Select,
    Sort,
    Step,
    Window,
)  # fmt: skip


class Program:
    """The tiny base of the languages: it walks the plan and knows which columns there are at each step."""

    SCALAR = ""
    """What takes the only cell of a frame."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self.known: dict[str, Kind] = {}
        self._counts: set[str] = set()
        self._positive: frozenset[str] = frozenset()
        self.floats = self.expressions({})

    def text(self) -> str:
        """The whole program."""
        parts = ["\n".join(self.head()), *self.helpers(), self.body()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def body(self) -> str:
        """The statements."""
        return self._body

    @cached_property
    def _body(self) -> str:
        return "\n".join(self._frames(self._frame, "result"))

    def _frames(self, frame: Frame, name: str) -> list[str]:
        """The statements that make a frame, those that it needs before it."""
        lines = [line for scalar in frame.scalars for line in self._scalar(scalar)]
        joined = [step.frame for step in frame.steps if isinstance(step, (Join, Below))]
        for other in joined:
            lines += self._frames(other, other.name)
        return [*lines, self.statement(frame, name)]

    def _scalar(self, frame: Frame) -> list[str]:
        *before, last = self._frames(frame, frame.name)
        return [*before, f"{last}{self.SCALAR}", *self._floated(frame)]

    def _floated(self, frame: Frame) -> list[str]:
        """A decimal as a number that can be calculated with."""
        name, (_, kind) = frame.name, frame.kinds[0]
        return [f"{name} = float({name}) if {name} is not None else None"] if kind == "decimal" else []

    def statement(self, frame: Frame, name: str) -> str:
        """A frame as one chain of calls."""
        return layout.chain(name, self.scan(frame), self.calls(frame))

    def calls(self, frame: Frame) -> list[str]:
        """The calls of all steps."""
        self.known, self._counts = dict(frame.source.kinds), set()
        found: list[str] = []
        for step in frame.steps:
            self.floats = self.expressions(self.known)
            self.floats.positive = self._positive
            found += self.step(step)
            self._after(step)
        return found

    def step(self, step: Step) -> list[str]:
        """The calls of one step."""
        if isinstance(step, Filter):
            return self.filter(step)
        if isinstance(step, Join):
            return self.join(step, step.frame.name)
        if isinstance(step, Below):
            return self.below(step.frame.name)
        if isinstance(step, Extend):
            return self.extend(step)
        if isinstance(step, Group):
            return self.group(step)
        if isinstance(step, Window):
            return self.window(step)
        if isinstance(step, Sort):
            return self.sort(step)
        if isinstance(step, Head):
            return self.limit(step)
        return self.select(step) if isinstance(step, Select) else self.distinct(step)

    def _after(self, step: Step) -> None:
        """What columns there are, once the step is done."""
        if isinstance(step, Join) and step.how in ("inner", "left", "cross"):
            self.known = self.known | dict(step.frame.kinds)
        elif isinstance(step, Below):
            self._counts = set()
        elif isinstance(step, Extend):
            self.known |= {name: kinds.of(node, self.known) for name, node in step.columns}
        elif isinstance(step, Window):
            self.known[step.name] = kinds.windowed(step, self.known)
            self._counts |= {step.name} if step.function in ("rank", "dense_rank", "row_number", "count") else set()
        elif isinstance(step, Group):
            made = {item.name: kinds.aggregated(item, self.known) for item in step.aggregates}
            self.known = {name: self.known[name] for name in step.keys} | made
            rows = (i.name for i in step.aggregates if i.function == "count" and not (i.argument or i.condition))
            self._positive = frozenset(rows) if step.keys else frozenset()
            self._counts = {item.name for item in step.aggregates if item.function in ("count", "distinct")}
        elif isinstance(step, Select):
            same = {made.name: name for name, made in step.columns if isinstance(made, exp.Column)}
            self.known = {name: kinds.of(node, self.known) for name, node in step.columns}
            self._counts = {same[name] for name in self._counts if name in same}

    def never_null(self, name: str) -> bool:
        """Whether a column has a value in each row."""
        return name in self._counts

    def finds(self, *types: type[exp.Expr]) -> bool:
        """Whether the plan computes such a thing anywhere."""
        return any(node.find(*types) is not None for node in _nodes(self._frame))

    def write(self, node: exp.Expr) -> str:
        return self.floats.write(node)

    def receiver(self, node: exp.Expr) -> str:
        return self.floats.receiver(node)

    def kind(self, node: exp.Expr) -> Kind:
        return kinds.of(node, self.known)

    # -- what each language says its own way --------------------------------------------------------------------------

    def head(self) -> list[str]:
        """The imports."""
        raise NotImplementedError

    def helpers(self) -> list[str]:
        """The functions that the statements call."""
        return []

    def scan(self, frame: Frame) -> str:
        raise NotImplementedError

    def expressions(self, known: dict[str, Kind]) -> Expressions:
        raise NotImplementedError

    def filter(self, step: Filter) -> list[str]:
        raise NotImplementedError

    def join(self, step: Join, name: str) -> list[str]:
        raise NotImplementedError

    def below(self, name: str) -> list[str]:
        """The rows of a frame below those that are there."""
        raise NotImplementedError

    def extend(self, step: Extend) -> list[str]:
        raise NotImplementedError

    def group(self, step: Group) -> list[str]:
        raise NotImplementedError

    def window(self, step: Window) -> list[str]:
        raise NotImplementedError

    def sort(self, step: Sort) -> list[str]:
        raise NotImplementedError

    def limit(self, step: Head) -> list[str]:
        raise NotImplementedError

    def select(self, step: Select) -> list[str]:
        raise NotImplementedError

    def distinct(self, step: Distinct) -> list[str]:
        raise NotImplementedError


def _nodes(frame: Frame) -> Iterator[exp.Expr]:
    """All expressions of a plan."""
    for scalar in frame.scalars:
        yield from _nodes(scalar)
    for step in frame.steps:
        if isinstance(step, (Join, Below)):
            yield from _nodes(step.frame)
        elif isinstance(step, Filter):
            yield from step.conditions
        elif isinstance(step, (Extend, Select)):
            yield from (node for _, node in step.columns)
        elif isinstance(step, Group):
            for item in step.aggregates:
                yield from (node for node in (item.argument, item.condition) if node is not None)
