"""The page of the streams: for the administrator, beside the chat, and never older than two seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.api.routes import signed_in
from app.ui import board, render
from data.errors import DataError

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.ui.chat import Visit

EVERY = 2.0
"""Seconds between two looks."""
PATIENCE = 0.5
"""Seconds that the first look waits for the broker."""
AT_ONCE = 8


class Streams:
    """What happens on the page. Who looks is checked again at every look."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def may(self, visit: Visit) -> bool:
        """Whether this visitor may see the streams."""
        try:
            return self._lakewright.administers(signed_in(self._lakewright, visit.secret).name)
        except DataError:
            return False

    def look(self, visit: Visit) -> tuple[str, bool]:
        """The page's HTML, and whether to look again."""
        try:
            principal = signed_in(self._lakewright, visit.secret)
            self._lakewright.require_administrator(principal.name, "see the streams")
        except DataError as error:
            return render.notice(error.message, error.remedy), False
        try:
            return board.board(self._lakewright.streams.view(patience=PATIENCE)), True
        except DataError as error:
            return render.notice(error.message, error.remedy), True


class Page:
    """The page's components: the way there and back, and the board. `place` puts the board where it is called."""

    def __init__(self, lakewright: Lakewright) -> None:
        import gradio as gr

        self._streams = Streams(lakewright)
        small: dict[str, Any] = {"size": "sm", "scale": 0, "min_width": 110, "visible": False}
        self._back = gr.Button("Ask", variant="primary", elem_id="to-chat", **small)
        self._there = gr.Button("Streams", elem_id="to-streams", **small)

    @property
    def _way(self) -> list[Any]:
        return [self._back, self._there]

    def place(self) -> None:
        """The board, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False) as self._panel:
            self._board = gr.HTML(elem_id="streams")
        self._timer = gr.Timer(EVERY, active=False)

    def wire(self, visit: Any, talk: Any, private: dict[str, Any]) -> None:
        """Between the chat's column and the board."""
        shared = {**private, "concurrency_limit": AT_ONCE, "concurrency_id": "streams"}
        parts = [talk, self._panel, self._board, self._timer, self._back, self._there]
        self._there.click(self._open, [visit], parts, **shared)
        self._back.click(self._close, None, parts, **private)
        self._timer.tick(self._tick, [visit], [self._board, self._timer], **shared)

    def greet(self, entered: Any, visit: Any, private: dict[str, Any]) -> None:
        """After signing in: the way there, for those who may go."""
        entered.then(lambda now: [_shown(self._streams.may(now))] * 2, [visit], self._way, **private)

    def leave(self, left: Any, talk: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is shown, and nobody looks."""
        parts = [talk, self._panel, self._board, self._timer, self._back, self._there]
        left.then(self._close, None, parts, **private).then(lambda: [_shown(False)] * 2, None, self._way, **private)

    def _open(self, visit: Visit) -> tuple[Any, ...]:
        found, again = self._streams.look(visit)
        return _shown(False), _shown(True), found, _active(again), _variant(False), _variant(True)

    def _close(self) -> tuple[Any, ...]:
        return _shown(True), _shown(False), "", _active(False), _variant(True), _variant(False)

    def _tick(self, visit: Visit) -> tuple[str, Any]:
        found, again = self._streams.look(visit)
        return found, _active(again)


def _shown(visible: bool) -> Any:
    import gradio as gr

    return gr.update(visible=visible)


def _variant(chosen: bool) -> Any:
    import gradio as gr

    return gr.update(variant="primary" if chosen else "secondary")


def _active(active: bool) -> Any:
    import gradio as gr

    return gr.update(active=active)
