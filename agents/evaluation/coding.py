"""Tasks for code among the questions of a file: the program runs, and its rows are judged as answers are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents.ask.state import Answer, Status
from agents.evaluation.gold import Gold
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.code.coder import Coder
    from agents.code.state import Delivery
    from agents.evaluation.question import Line, Question
    from data.policy import Principal

_STATUS: dict[str, Status] = {"clarify": "clarify", "unsure": "unsure", "forbidden": "forbidden"}


@dataclass(frozen=True)
class Coding:
    """Who delivers the programs. `coder` opens it when the first task for code comes."""

    coder: Callable[[], Coder]
    principal: Principal

    def answer(self, question: Question, endpoint: str) -> Answer:
        """What became of a task: the rows of the program that was delivered, or why there is none."""
        language = str(question.language)
        made = self.coder().write(self.principal, question.question, language=language, endpoint=endpoint)
        if made.result is not None and made.result["truncated"]:
            # A task keeps the first rows of its result; what is judged is all of them.
            whole = self.coder().run(self.principal, made.code, language=language)
            made = replace(made, result=whole.result or made.result)
        return _answer(made)

    def gold(self, line: Line) -> Gold:
        """The features that the gold view gives for a sample of entities. Invalid, with the line, where it has none."""
        from agents.code.render import feature

        view = line.question.view
        assert view is not None
        made = self.coder().run(self.principal, feature.program(view), language="feature")
        if made.status != "delivered" or not made.result:
            said = (made.error or {}).get("message", made.status)
            raise Invalid(f"{line.where}: the gold view can't be computed: {said}", "Mend the view.")
        return Gold(made.result["columns"], made.result["rows"])


def _answer(made: Delivery) -> Answer:
    if made.status != "delivered" or made.result is None:
        said = made.question or (made.error or {}).get("message", made.status)
        return Answer(_STATUS.get(made.status, "failed"), said, sql=made.code, error=made.error)
    status: Status = "truncated" if made.result["truncated"] else "answered"
    columns, rows = made.result["columns"], made.result["rows"]
    return Answer(status, made.explanation, sql=made.code, columns=columns, rows=rows, seconds=made.seconds)
