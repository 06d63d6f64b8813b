"""The chat page: sign in, ask, read, rate."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from app.api.routes import signed_in
from app.ui import render
from app.ui.code import Bench
from app.ui.forms import Desk
from app.ui.rooms import Rooms
from app.ui.streams import Page
from data.errors import DataError

if TYPE_CHECKING:
    from agents.ask.state import Answer
    from app.assembly import Lakewright

MOST_CARDS = 20
AT_ONCE = 8
TITLE = '<div class="lw-title"><h1>Lakewright</h1><p>Ask your company\'s data in plain words.</p></div>'


@dataclass(frozen=True)
class Visit:
    """One page that is open. It stays on the server; the token is checked again at every step."""

    secret: str = ""
    thread: str = ""
    cards: tuple[str, ...] = ()
    answer_id: str = ""


class Chat:
    """What happens on the page; each method gives the updates for the components that it names."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def sign_in(self, secret: str) -> tuple[Any, ...]:
        """(visit, token field, notice, who, sign-in group, chat group)."""
        try:
            principal = signed_in(self._lakewright, secret.strip())
        except DataError as error:
            return Visit(), "", render.notice(error.message, error.remedy), "", _shown(True), _shown(False)
        visit = Visit(secret.strip(), uuid.uuid4().hex)
        return visit, "", "", render.who(principal.name), _shown(False), _shown(True)

    def sign_out(self) -> tuple[Any, ...]:
        """(visit, log, live, notice, sign-in group, chat group, rating group)."""
        return Visit(), "", "", "", _shown(True), _shown(False), _shown(False)

    def ask(self, question: str, visit: Visit) -> Iterator[tuple[Any, ...]]:
        """(visit, question field, log, live, rating group, rating note), again until the answer is there."""
        from agents.ask.state import Answer, Step, Token

        steps: list[tuple[str, float]] = []
        draft, log = "", render.thread(visit.cards)
        try:
            principal = signed_in(self._lakewright, visit.secret)
            yield visit, "", log, render.progress(question, steps, draft), _shown(False), ""
            for event in self._lakewright.ask.stream(principal, question, thread=visit.thread):
                if isinstance(event, Answer):
                    visit = _with(visit, event)
                    yield visit, "", render.thread(visit.cards), "", _shown(True), ""
                    return
                if isinstance(event, Step):
                    steps.append((event.name, event.seconds))
                elif isinstance(event, Token):
                    draft += event.text
                yield visit, "", log, render.progress(question, steps, draft), _shown(False), ""
        except DataError as error:
            yield visit, question, log, render.notice(error.message, error.remedy), _shown(False), ""

    def rate(self, thumb: str, visit: Visit, sql: str = "", consent: bool = False) -> str:
        """The note beside the thumbs. The SQL of a correction goes with a thumb down only."""
        try:
            principal = signed_in(self._lakewright, visit.secret)
            right = sql.strip() if thumb == "down" else ""
            said = {"principal": principal.name, "sql": right}
            self._lakewright.answers.rate(visit.answer_id, thumb, consent=consent, **said)  # type: ignore[arg-type]
        except DataError as error:
            return render.notice(error.message, error.remedy)
        return f'<p class="lw-about" role="status">Thank you: thumb {render.text(thumb)} is kept.</p>'


def build(lakewright: Lakewright) -> Any:
    """The page, in Gradio's terms."""
    import gradio as gr

    chat, streams, forms, code = Chat(lakewright), Page(lakewright), Desk(lakewright), Bench(lakewright)
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Blocks(title="Lakewright", analytics_enabled=False) as page:
        visit = gr.State(Visit())
        gr.HTML(TITLE)
        notice = gr.HTML()
        with gr.Column() as entrance:
            token = gr.Textbox(label="Access token", type="password", elem_id="token", max_lines=1)
            enter = gr.Button("Sign in", variant="primary", elem_id="sign-in")
        with gr.Column(visible=False) as room:
            with gr.Row(elem_classes="lw-head"):
                who = gr.HTML()
                rooms = Rooms()
                leave = gr.Button("Sign out", size="sm", scale=0, min_width=110, elem_id="sign-out")
            with gr.Column() as talk:
                log = gr.HTML(elem_id="log")
                live = gr.HTML(elem_id="live")
                with gr.Row(visible=False) as rating:
                    up = gr.Button("Good answer", size="sm", elem_id="thumb-up")
                    down = gr.Button("Wrong answer", size="sm", elem_id="thumb-down")
                    right = gr.Textbox(label="The right SQL, if you know it", elem_id="right-sql", max_lines=6)
                    consent = gr.Checkbox(label="Models here may learn from this", elem_id="consent")
                    kept = gr.HTML(elem_id="kept")
                question = gr.Textbox(
                    label="Your question",
                    placeholder="How many shops are there in Toronto?",
                    elem_id="question",
                    max_lines=4,
                )
                send = gr.Button("Ask", variant="primary", elem_id="ask")
            places = {"forms": forms.place(visit, private), "code": code.place(), "streams": streams.place()}
            columns = {"chat": talk, **places}
        rooms.wire(columns, private)
        for start in (enter.click, token.submit):
            entered = start(chat.sign_in, [token], [visit, token, notice, who, entrance, room], **private)
            rooms.greet(entered, visit, streams.may, private)
        for start in (send.click, question.submit):
            start(lambda: ("", False), None, [right, consent], **private)  # They were said of the answer before.
            outputs = [visit, question, log, live, rating, kept]
            start(
                chat.ask,
                [question, visit],
                outputs,
                concurrency_limit=AT_ONCE,
                concurrency_id="ask",
                **private,
            )
        for button, thumb in ((up, "up"), (down, "down")):
            rated = partial(chat.rate, thumb)
            button.click(rated, [visit, right, consent], [kept], **private)
        left = leave.click(chat.sign_out, None, [visit, log, live, notice, entrance, room, rating], **private)
        streams.wire(rooms, visit, private)
        forms.wire(rooms, visit, private)
        code.wire(rooms, visit, private)
        left = rooms.leave(left, private)
        streams.close(left, private)
        forms.close(left, private)
        code.close(left, private)
    return page


def _with(visit: Visit, answer: Answer) -> Visit:
    cards = (*visit.cards, render.card(answer.as_json()))[-MOST_CARDS:]
    return replace(visit, cards=cards, answer_id=answer.answer_id)


def _shown(visible: bool) -> Any:
    import gradio as gr

    return gr.update(visible=visible)
