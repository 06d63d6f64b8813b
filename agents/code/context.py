"""What a writer may know of a task: tables, features and examples, cut to what the caller may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.code.kinds import kind_of
from agents.code.state import CodeState, task_of
from agents.code.writers import Context, Example
from data.errors import DataError
from retrieval.retriever import cut

if TYPE_CHECKING:
    from agents.approved import ApprovedQueries
    from agents.code.desk import Desk
    from agents.code.store import Deliveries
    from data.features.platform import Features

MOST_EXAMPLES = 3
NEAR = 55
"""How alike two tasks have to be for one to be an example for the other, out of 100."""


@dataclass(frozen=True)
class Contexts:
    """Finds them. `features` opens the feature platform, where there is one."""

    approved: ApprovedQueries
    deliveries: Deliveries
    features: Callable[[], Features] | None = None

    def of(self, desk: Desk, state: CodeState) -> Context:
        """The context of a task."""
        found = desk.retriever.retrieve(desk.principal, state["text"])
        return Context(
            catalog=cut(desk.visible, [table.full_name for table in found.catalog.tables]),
            hints=tuple(hint.text for hint in found.hints),
            features=tuple(self._features(desk)),
            examples=tuple(self._examples(desk, state)),
            plan=tuple(state["plan"]),
            turns=tuple(state["turns"]),
            current=state["current"],
        )

    def _features(self, desk: Desk) -> Iterator[str]:
        """The feature views that the caller sees, a line each."""
        if self.features is None:
            return
        for plan, outputs in self.features().visible(desk.principal):
            names = ", ".join(output.name for output in outputs)
            yield f"{plan.view.name} of {plan.view.entity}: {plan.view.description} {names}"

    def _examples(self, desk: Desk, state: CodeState) -> Iterator[Example]:
        """The nearest tasks that went well: this caller's own, and for SQL questions whose SQL a person approved."""
        from rapidfuzz import fuzz, process

        found = list(self.deliveries.examples(desk.principal.name, state["language"]))
        if state["language"] == "sql":
            found += [Example(entry.question, entry.sql) for entry in self.approved.list()]
        said = [example.task for example in found]
        near = process.extract(state["text"], said, scorer=fuzz.token_set_ratio, limit=MOST_EXAMPLES, score_cutoff=NEAR)
        for _, _, at in near:
            if _readable(found[at].code, state, desk):
                yield found[at]


def _readable(code: str, state: CodeState, desk: Desk) -> bool:
    """Whether the caller may run it now: otherwise it could tell of tables that they may not see."""
    try:
        kind_of(state["language"]).check(code, task_of(state), desk)
    except DataError:
        return False
    return True
