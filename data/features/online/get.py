"""What the online store knows of one entity at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import Invalid, NotFound
from data.features.duration import SECOND
from data.features.online import packed
from data.features.online.answer import Answer, Reason, answer
from data.features.online.base import Store
from data.features.online.refresh import space
from data.features.plan import Output, Plan
from data.features.results import moment, plain


@dataclass(frozen=True)
class Got:
    """Values by feature. `reason` says why all are null, and is empty where they are not."""

    values: Mapping[str, Any]
    reason: Reason


class Lookup:
    """Looks into one view, for some of its outputs."""

    def __init__(self, plan: Plan, store: Store, outputs: Sequence[Output]) -> None:
        """NotFound for a view that was never materialised."""
        self.plan, self.store = plan, store
        self._space = space(plan)
        names = {output.name for output in outputs}
        self._wanted = [(at, output) for at, output in enumerate(plan.outputs) if output.name in names]
        if store.position(self._space) is None:
            said = f"The view '{plan.view.name}' is not in the online store."
            raise NotFound(said, "Run: lakewright features materialize")

    def get(self, keys: Mapping[str, Any], at: int) -> Got:
        """The features of an entity at a moment (microseconds) that is not before the values that are kept."""
        found = self._answer(packed.key(self._keys(keys)), at)
        if found is None:
            return Got({output.name: None for _, output in self._wanted}, "unknown entity")
        return Got({output.name: _value(output, found.values[i], at) for i, output in self._wanted}, found.reason)

    def _answer(self, key: str, at: int) -> Answer | None:
        head = self.store.head(self._space, key)
        if head is None:
            return None
        start, end = packed.span(head)
        if start <= at < end:
            return packed.answer(head)
        state = self.store.state(self._space, key)
        if state is None:
            return None
        known = packed.read(self.plan, state)
        if at < known.since:
            said = f"The online store has values of '{self.plan.view.name}' from {moment(known.since)} on."
            raise Invalid(said, "Take a training set for the past.")
        return answer(self.plan, known, at)

    def _keys(self, keys: Mapping[str, Any]) -> list[Any]:
        names = [key.name for key in self.plan.keys]
        if set(keys) != set(names):
            given = ", ".join(f"'{name}'" for name in keys) or "nothing"
            wanted = ", ".join(f"'{name}'" for name in names)
            raise Invalid(f"'{self.plan.view.name}' has the keys {wanted}, and {given} was given.", "Give these.")
        return [_key(key.name, key.type, keys[key.name]) for key in self.plan.keys]


def _key(name: str, kind: str, value: Any) -> Any:
    right = isinstance(value, str) if kind == "VARCHAR" else isinstance(value, int) and not isinstance(value, bool)
    if not right:
        wanted = "text" if kind == "VARCHAR" else "a whole number"
        raise Invalid(f"The key '{name}' is {wanted}, not {value!r}.", 'Write keys as JSON, such as {"card_id": 7}.')
    return value


def _value(output: Output, value: Any, at: int) -> Any:
    if value is None:
        return None
    return (at - value) / SECOND if output.function == "age" else plain(output, value)
