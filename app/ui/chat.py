"""What happens in the room of questions: ask, stop, read, rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app import dialogue
from app.ui import render
from app.ui.session import Visit, signed_in
from data.errors import DataError
from data.stop import Stop

if TYPE_CHECKING:
    from agents.ask.state import Answer
    from app.assembly import Lakewright
    from app.conversations import Conversation
    from data.policy import Principal

MOST_CARDS = 20
Update = tuple[Any, ...]


class Chat:
    """Each method gives the updates for the components that it names."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright
        self._stops: dict[tuple[str, str], Stop] = {}

    def ask(self, question: str, visit: Visit) -> Iterator[Update]:
        """(visit, question field, log, live, rating group, rating note, stop button), until the answer is there."""
        from agents.ask.graph import checked

        log = render.thread(visit.cards)
        try:
            caller = signed_in(self._lakewright, visit)
            question = checked(question)
            visit, conversation = self._opened(caller, question, visit)
            yield visit, "", log, render.progress(question, (), "", visit.thread), _shown(False), "", _shown(True)
            for answer, live in self._events(caller, question, visit, conversation):
                if answer is not None:
                    visit = _with(visit, answer)
                    yield visit, "", render.thread(visit.cards), "", _shown(True), "", _shown(False)
                    return
                yield visit, "", log, live, _shown(False), "", _shown(True)
        except DataError as error:
            notice = render.notice(error.message, error.remedy)
            yield visit, question, log, notice, _shown(False), "", _shown(False)

    def stop(self, visit: Visit) -> None:
        """End the question of this page that is being answered."""
        caller = signed_in(self._lakewright, visit)
        if stop := self._stops.get((caller.name, visit.thread)):
            stop.cancel()

    def rate(self, thumb: str, visit: Visit, sql: str = "", consent: bool = False) -> str:
        """The note beside the thumbs. The SQL of a correction goes with a thumb down only."""
        try:
            principal = signed_in(self._lakewright, visit)
            right = sql.strip() if thumb == "down" else ""
            said = {"principal": principal.name, "sql": right}
            self._lakewright.answers.rate(visit.answer_id, thumb, consent=consent, **said)  # type: ignore[arg-type]
        except DataError as error:
            return render.notice(error.message, error.remedy)
        return f'<p class="lw-about" role="status">Thank you: thumb {render.text(thumb)} is kept.</p>'

    def _opened(self, caller: Principal, question: str, visit: Visit) -> tuple[Visit, Conversation]:
        """The conversation of the page, which begins with its first question."""
        kept = self._lakewright.conversations
        found = kept.get(caller.name, visit.thread) if visit.thread else kept.begin(caller.name, question)
        return replace(visit, thread=found.id), found

    def _events(
        self, caller: Principal, question: str, visit: Visit, conversation: Conversation
    ) -> Iterator[tuple[Answer | None, str]]:
        """(the answer, "") or (None, what goes on)."""
        from agents.ask.state import Answer, Step, Token

        steps: list[tuple[str, float]] = []
        draft, key = "", (caller.name, visit.thread)
        stop = self._stops[key] = Stop()
        options = {"thread": conversation.thread, "endpoint": visit.endpoint or None, "stop": stop}
        try:
            for event in dialogue.stream(self._lakewright, caller, question, **options):  # type: ignore[arg-type]
                if isinstance(event, Answer):
                    yield event, ""
                elif isinstance(event, Step):
                    steps.append((event.name, event.seconds))
                elif isinstance(event, Token):
                    draft += event.text
                yield None, render.progress(question, steps, draft, visit.thread)
        finally:
            stop.cancel()
            if self._stops.get(key) is stop:
                del self._stops[key]


def _with(visit: Visit, answer: Answer) -> Visit:
    cards = (*visit.cards, render.card(answer.as_json()))[-MOST_CARDS:]
    return replace(visit, cards=cards, answer_id=answer.answer_id)


def _shown(visible: bool) -> Any:
    import gradio as gr

    return gr.update(visible=visible)
