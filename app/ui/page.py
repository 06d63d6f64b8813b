"""The whole page: the entrance, and the rooms behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from app.ui import render, session
from app.ui.catalogue import Shelf
from app.ui.code import Bench
from app.ui.forms import Desk
from app.ui.models import Showroom
from app.ui.rooms import Rooms
from app.ui.session import Visit
from app.ui.settings import Drawer
from app.ui.streams import Page
from app.ui.talk import Talk
from app.ui.trail import Archive
from app.ui.training import Gym
from data.errors import DataError

if TYPE_CHECKING:
    from app.assembly import Lakewright

TITLE = '<div class="lw-title"><h1>Lakewright</h1><p>Ask your company\'s data in plain words.</p></div>'
NOT_KEPT = "Your browser did not keep the session: over plain http it does so on the server's own machine only."
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class Entrance:
    """Signing in and out; each method gives (visit, token field, notice, who, sign-out button, entrance, rooms)."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def signed_in(self, problem: str) -> tuple[Any, ...]:
        """After the browser has given the token to the API, which said what was wrong with it."""
        if problem:
            return _outside(*_read(problem))
        inside = self.arrived()
        return inside if inside[0].owner or inside[2] else _outside(NOT_KEPT, "Come over https.")

    def arrived(self) -> tuple[Any, ...]:
        """When the page is opened: whoever has a session needs no token."""
        try:
            identity = session.arrived(self._lakewright)
        except DataError as error:
            return _outside(error.message, error.remedy)
        if identity is None:
            return _outside("")
        return Visit(identity.name), "", "", render.who(identity.name), *map(_shown, (True, False, True))

    def left(self) -> tuple[Any, ...]:
        return _outside("")


def build(lakewright: Lakewright) -> Any:
    """The page, in Gradio's terms."""
    import gradio as gr

    with gr.Blocks(title="Lakewright", analytics_enabled=False) as page:
        House(lakewright).place(page)
    return page


class House:
    """The page's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._entrance = Entrance(lakewright)
        self._talk, self._forms, self._streams = Talk(lakewright), Desk(lakewright), Page(lakewright)
        self._drawer = Drawer(lakewright)
        self._others: dict[str, Any] = {
            "catalogue": Shelf(lakewright),
            "code": Bench(lakewright),
            "training": Gym(lakewright),
            "streams": self._streams,
            "audit": Archive(lakewright),
            "models": Showroom(lakewright),
            "settings": self._drawer,
        }

    def place(self, page: Any) -> None:
        """Everything, and what happens to it."""
        import gradio as gr

        self._visit = gr.State(Visit())
        with gr.Row(elem_classes="lw-head"):
            gr.HTML(TITLE)
            self._who = gr.HTML(elem_id="who")
            self._leave = gr.Button("Sign out", size="sm", scale=0, min_width=90, elem_id="sign-out", visible=False)
        self._notice = gr.HTML(render.LOADING, elem_id="notice")
        self._door()
        with gr.Column(visible=False) as self._inside:
            self._rooms = Rooms()
            columns = {"chat": self._talk.place(), "forms": self._forms.place(self._visit, PRIVATE)}
            columns |= {name: one.place() for name, one in self._others.items()}
        self._rooms.wire(columns, PRIVATE)
        self._talk.wire(self._visit, PRIVATE)
        self._enter(page)
        self._exit()
        self._drawer.dress(page, PRIVATE)

    def _door(self) -> None:
        import gradio as gr

        with gr.Column(visible=False, elem_id="entrance") as self._outside:
            self._token = gr.Textbox(label="Access token", type="password", elem_id="token", max_lines=1)
            self._sign_in = gr.Button("Sign in", variant="primary", elem_id="sign-in")

    def _sides(self) -> list[Any]:
        """What is not the same outside and inside."""
        return [self._visit, self._token, self._notice, self._who, self._leave, self._outside, self._inside]

    def _enter(self, page: Any) -> None:
        """By a token, or by the session that is there already; then to the place that the address names."""
        outputs = self._sides()
        for start in (self._sign_in.click, self._token.submit):
            self._greet(start(self._entrance.signed_in, [self._token], outputs, js=session.SIGN_IN, **PRIVATE))
        self._greet(page.load(self._entrance.arrived, None, outputs, **PRIVATE))

    def _greet(self, entered: Any) -> None:
        ways = self._rooms.greet(entered, self._visit, self._streams.may, PRIVATE)
        self._talk.go(self._rooms.follow(ways, PRIVATE))

    def _exit(self) -> None:
        outputs = self._sides()
        gone = self._leave.click(self._entrance.left, None, outputs, js=session.SIGN_OUT, **PRIVATE)
        gone = self._rooms.leave(gone, PRIVATE)
        for one in (self._forms, *self._others.values()):
            one.wire(self._rooms, self._visit, PRIVATE)
            one.close(gone, PRIVATE)
        self._talk.close(gone, PRIVATE)
        self._talk.go(self._rooms.went(PRIVATE))


def _read(problem: str) -> tuple[str, str]:
    """What the API said, as (message, remedy)."""
    try:
        said = json.loads(problem)
        return str(said["detail"])[:500], str(said.get("remedy", ""))[:500]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "Signing in failed.", session.AGAIN


def _outside(message: str, remedy: str = "") -> tuple[Any, ...]:
    return Visit(), "", render.notice(message, remedy), "", *map(_shown, (False, True, False))


def _shown(visible: bool) -> Any:
    import gradio as gr

    return gr.update(visible=visible)
