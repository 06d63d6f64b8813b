"""The page of the streams: for the administrator, beside the chat, and never older than two seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.ui import board, render
from app.ui.rooms import Rooms
from app.ui.session import visitor
from data.errors import DataError

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.ui.session import Visit

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
            return visitor(self._lakewright, visit).may("admin")
        except DataError:
            return False

    def look(self, visit: Visit) -> tuple[str, bool]:
        """The page's HTML, and whether to look again."""
        try:
            visitor(self._lakewright, visit).require("admin", "see the streams")
        except DataError as error:
            return render.notice(error.message, error.remedy), False
        try:
            return board.board(self._lakewright.streams.view(patience=PATIENCE)), True
        except DataError as error:
            return render.notice(error.message, error.remedy), True


class Page:
    """The room's components: the board, and the clock that keeps it new. `place` puts them where it is called."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._streams = Streams(lakewright)
        self.may = self._streams.may

    def place(self) -> Any:
        """The board's column, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False) as column:
            self._board = gr.HTML(render.LOADING, elem_id="streams")
        self._timer = gr.Timer(EVERY, active=False)
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Look while the room is open, and only then."""
        shared = {**private, "concurrency_limit": AT_ONCE, "concurrency_id": "streams"}
        rooms.opened["streams"].then(self._look, [visit], [self._board, self._timer], **shared)
        for gone in rooms.left("streams"):
            self.close(gone, private)
        self._timer.tick(self._look, [visit], [self._board, self._timer], **shared)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """Nothing is shown, and nobody looks."""
        after.then(lambda: ("", _active(False)), None, [self._board, self._timer], **private)

    def _look(self, visit: Visit) -> tuple[str, Any]:
        found, again = self._streams.look(visit)
        return found, _active(again)


def _active(active: bool) -> Any:
    import gradio as gr

    return gr.update(active=active)
