"""The room of questions: the visitor's conversations, the one that is open, and where the next question is put."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from app.ui import render
from app.ui.chat import Chat
from app.ui.threads import Threads, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.assembly import Lakewright
    from app.ui.session import Visit

AT_ONCE = 8
SUCH_AS = "In plain words, such as: how many orders were there in May?"
TOGGLE = """() => {
  const open = document.getElementById("threads").classList.toggle("lw-open");
  document.getElementById("to-threads").setAttribute("aria-expanded", open);
  return [];
}"""
OPENED = "(id, visit) => { lakewright.at(`chat/${id}`); return [id, visit]; }"
NEW = "(visit) => { lakewright.at('chat'); return [visit]; }"
PLACE = "(_, visit) => [lakewright.place(), visit]"
SURE = """(_, visit) => {
  if (!confirm("Delete this conversation? It can not be brought back.")) return ["", visit];
  history.replaceState(null, "", "#chat");
  return ["yes", visit];
}"""


class Talk:
    """The room's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._chat, self._threads = Chat(lakewright), Threads(lakewright)

    def place(self) -> Any:
        """Its column."""
        import gradio as gr

        with gr.Column(elem_id="talk") as column, gr.Row():
            self._shelf()
            with gr.Column(scale=3, min_width=300, elem_id="asking"):
                self._log = gr.HTML(elem_id="log", js_on_load=render.COPYING)
                self._live = gr.HTML(elem_id="live", js_on_load=render.BEGUN)
                self._verdict()
                self._field()
        return column

    def _shelf(self) -> None:
        """The conversations: their list, and what may be done with the one that is open."""
        import gradio as gr

        with gr.Column(scale=1, min_width=220, elem_id="threads"):
            with gr.Row(elem_classes="lw-bar-row"):
                self._new = gr.Button("New conversation", size="sm", elem_id="thread-new", min_width=120)
                self._toggle = gr.Button("Conversations", size="sm", elem_id="to-threads", min_width=120)
            self._words = gr.Textbox(label="Search conversations", elem_id="thread-words", max_lines=1)
            self._list = gr.Radio([], label="Conversations", elem_id="thread-list", elem_classes="lw-list")
            self._none = gr.HTML(elem_id="thread-none")
            with gr.Accordion("Rename or delete", open=False, visible=False, elem_id="thread-open") as self._open:
                self._title = gr.Textbox(label="Title", elem_id="thread-title", max_lines=1)
                with gr.Row():
                    self._rename = gr.Button("Rename", size="sm", elem_id="thread-rename", min_width=80)
                    self._delete = gr.Button("Delete", size="sm", variant="stop", elem_id="thread-delete", min_width=80)
            # Between the browser and the server: nobody sees them.
            self._place, self._sure = gr.Textbox(visible=False), gr.Textbox(visible=False)
            self._gone = gr.State(False)

    def _verdict(self) -> None:
        """What the visitor says of the last answer."""
        import gradio as gr

        with gr.Column(visible=False, elem_id="rating") as self._rating:
            with gr.Row():
                self._up = gr.Button("Good answer", size="sm", elem_id="thumb-up", min_width=120)
                self._down = gr.Button("Wrong answer", size="sm", elem_id="thumb-down", min_width=120)
            with gr.Accordion("Say what would have been right", open=False):
                self._right = gr.Textbox(label="The right SQL, if you know it", elem_id="right-sql", max_lines=6)
                self._consent = gr.Checkbox(label="Models here may learn from this", elem_id="consent")
            self._kept = gr.HTML(elem_id="kept")

    def _field(self) -> None:
        import gradio as gr

        with gr.Row(elem_id="asks"):
            label = "Your question"
            self._question = gr.Textbox(
                label=label, placeholder=SUCH_AS, elem_id="question", max_lines=4, scale=5, min_width=200
            )
            self._send = gr.Button("Ask", variant="primary", elem_id="ask", scale=0, min_width=90)
            self._stop = gr.Button("Stop", visible=False, elem_id="stop", scale=0, min_width=90)

    def wire(self, visit: Any, private: dict[str, Any]) -> None:
        """Asking and rating; conversations."""
        import gradio as gr

        self._visit, self._private = visit, private
        bounds: dict[str, Any] = {**private, "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
        starts = [self._send.click, self._question.submit]
        # What was said is said of the answer before.
        gr.on(starts, lambda: ("", False), None, [self._right, self._consent], **private)
        outputs = [visit, self._question, self._log, self._live, self._rating, self._kept, self._stop]
        # One event for both: who presses twice asks once.
        asked = gr.on(starts, self._chat.ask, [self._question, visit], outputs, **bounds)
        self._refreshed(asked)
        self._asked = asked
        self._stop.click(self._chat.stop, [visit], None, **private)
        for button, thumb in ((self._up, "up"), (self._down, "down")):
            rated = partial(self._chat.rate, thumb)
            button.click(rated, [visit, self._right, self._consent], [self._kept], **private)
        self._shelved(visit, bounds)

    def _shelved(self, visit: Any, bounds: dict[str, Any]) -> None:
        """What happens in the list."""
        private = self._private
        self._toggle.click(None, None, None, js=TOGGLE, **private)
        self._words.submit(self._found, [self._words, visit], [self._list, self._none], **private)
        opened = [visit, self._log, self._live, self._title, self._open, self._rating, self._list]
        self._list.input(self._shown, [self._list, visit], opened, js=OPENED, cancels=[self._asked], **bounds)
        self._new.click(self._fresh, [visit], opened, js=NEW, cancels=[self._asked], **bounds)
        renamed = [self._rename.click, self._title.submit]
        for start in renamed:
            done = start(self._threads.rename, [self._title, visit], [self._live], **private)
            self._refreshed(done)
        deleted = self._delete.click(
            self._threads.delete, [self._sure, visit], [self._live, self._gone], js=SURE, **private
        )
        cleared = deleted.then(self._cleared, [self._gone, visit], opened, **bounds)
        self._refreshed(cleared)

    def go(self, went: Any) -> Any:
        """After `went`: what the address names is opened."""
        opened = [self._visit, self._log, self._live, self._title, self._open, self._rating, self._list]
        listing = went.then(self._found, [self._words, self._visit], [self._list, self._none], **self._private)
        return listing.then(self._went, [self._place, self._visit], opened, js=PLACE, **self._private)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is left."""
        outputs = [
            self._log, self._live, self._kept, self._question, self._words, self._title, self._none,
            self._list, self._open, self._rating, self._stop,
        ]  # fmt: skip
        after.then(lambda: (*[""] * 7, listed([], ""), *[_visible(False)] * 3), None, outputs, **private)

    def _refreshed(self, event: Any) -> None:
        """After `event` the list is as it is now."""
        outputs = [self._list, self._none, self._open, self._title]
        event.then(self._now, [self._words, self._visit], outputs, **self._private)

    def _found(self, words: str, visit: Visit) -> tuple[Any, str]:
        choices, said = self._threads.list(words, visit)
        return listed(choices, visit.thread), said

    def _now(self, words: str, visit: Visit) -> tuple[Any, ...]:
        import gradio as gr

        choices, said = self._threads.list(words, visit)
        title = next((title for title, id in choices if id == visit.thread), None)
        shown = gr.update(value=title) if title else gr.skip()
        return listed(choices, visit.thread), said, _visible(bool(visit.thread)), shown

    def _shown(self, id: str | None, visit: Visit) -> Iterator[tuple[Any, ...]]:
        import gradio as gr

        for now, log, notice, title in self._threads.open(id, visit):
            chosen = gr.skip() if now.thread else gr.update(value=None)
            yield now, log, notice, title, _visible(bool(now.thread)), _visible(False), chosen

    def _fresh(self, visit: Visit) -> Iterator[tuple[Any, ...]]:
        yield from self._shown("", visit)

    def _cleared(self, gone: bool, visit: Visit) -> Iterator[tuple[Any, ...]]:
        import gradio as gr

        if gone:
            yield from self._shown("", visit)
        else:
            yield (gr.skip(),) * 7

    def _went(self, place: str, visit: Visit) -> Iterator[tuple[Any, ...]]:
        """The conversation of an address such as `chat/ID`, unless it is the one that is open."""
        import gradio as gr

        room, _, id = place.partition("/")
        if room in ("", "chat") and id != visit.thread:
            for now, *rest, _ in self._shown(id, visit):
                yield now, *rest, gr.update(value=now.thread or None)
        else:
            yield (gr.skip(),) * 7


def _visible(visible: bool) -> Any:
    import gradio as gr

    return gr.update(visible=visible)
