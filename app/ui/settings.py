"""The room of a visitor's own settings: which endpoint answers them, how the page looks, and their access tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.ui import render
from app.ui.rooms import Rooms
from app.ui.session import visitor
from data.errors import DataError, NotFound

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.tokens import Token
    from app.ui.session import Visit

CURRENT = "The one that is set for everybody"
LOOKS = [("As the device has it", "system"), ("Light", "light"), ("Dark", "dark")]
DRESS = """
(look) => {
  const dark = look === "dark" || (look !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.body.classList.toggle("dark", dark);
  try { localStorage.setItem("lakewright-look", look); } catch (error) {}
}
"""
DRESSED = """
() => {
  let look = null;
  try { look = localStorage.getItem("lakewright-look"); } catch (error) {}
  if (!new URLSearchParams(location.search).has("__theme") && (look === "dark" || look === "light")) {
    document.body.classList.toggle("dark", look === "dark");
    return look;
  }
  return "system";
}
"""
COLUMNS = ("Token", "Made", "Ends", "For", "State")


class Own:
    """What happens in the room: with what is the visitor's own, and nothing else."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def tokens(self, visit: Visit, said: str = "") -> tuple[list[tuple[str, str]], str]:
        """(own tokens that can be ended as (words, id), all of them as HTML)."""
        try:
            mine = self._mine(visit)
        except DataError as error:
            return [], render.notice(error.message, error.remedy)
        now = datetime.now(UTC)
        valid = [token for token in mine if token.valid(now)]
        usable = [(f"{token.id}, until {token.expires_at:%Y-%m-%d %H:%M}", token.id) for token in valid]
        rows = [_row(token, now) for token in mine]
        shown = f'<div class="lw-scroll" tabindex="0">{render.table(COLUMNS, rows)}</div>' if rows else ""
        none = '<p class="lw-about">You have none: you came by the identity provider.</p>'
        return usable, f'{said}<div class="lw-page"><h3>Access tokens</h3>{shown or none}</div>'

    def revoke(self, id: str | None, visit: Visit) -> tuple[list[tuple[str, str]], str]:
        """End one of the visitor's own tokens; nobody else's can be told from one that there is not."""
        try:
            name = self._name(visit)
            if id not in {token.id for token in self._mine(visit)}:
                raise NotFound(f"You have no token '{id or ''}'.", "Choose one in the list.")
            self._lakewright.tokens.revoke(id)
            self._lakewright.note(name, "token revoke", id)
        except DataError as error:
            return self.tokens(visit, render.notice(error.message, error.remedy))
        return self.tokens(visit, f'<p role="status">{render.text(id)} can not be used any more.</p>')

    def endpoints(self, visit: Visit) -> list[tuple[str, str]]:
        """What may answer, as (words, name)."""
        self._name(visit)
        return [(CURRENT, ""), *((name, name) for name in self._lakewright.endpoints)]

    def _mine(self, visit: Visit) -> list[Token]:
        name = self._name(visit)
        return [token for token in self._lakewright.tokens.all() if token.principal == name]

    def _name(self, visit: Visit) -> str:
        who = visitor(self._lakewright, visit)
        who.require("ui")
        return who.name


def _row(token: Token, now: datetime) -> tuple[str, ...]:
    state = "in use" if token.valid(now) else "revoked" if token.revoked_at else "ended"
    made, ends = f"{token.created_at:%Y-%m-%d}", f"{token.expires_at:%Y-%m-%d %H:%M}"
    return token.id, made, ends, ", ".join(token.scopes), state


class Drawer:
    """The room's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._own = Own(lakewright)

    def place(self) -> Any:
        """Their column, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False, elem_id="settings") as column:
            self._look = gr.Radio(LOOKS, value="system", label="Colours", elem_id="settings-look")
            answers = "Who answers your questions on this page"
            self._endpoint = gr.Dropdown([(CURRENT, "")], value="", label=answers, elem_id="settings-endpoint")
            self._tokens = gr.HTML(render.LOADING, elem_id="settings-tokens")
            with gr.Row(elem_classes="lw-beside"):
                self._token = gr.Dropdown([], label="Token to end", elem_id="settings-token", scale=3)
                self._revoke = gr.Button("Revoke", variant="stop", elem_id="settings-revoke", scale=0, min_width=110)
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Choosing, and ending tokens."""
        outputs = [self._token, self._tokens]
        rooms.opened["settings"].then(self._enter, [visit], [*outputs, self._endpoint], **private)
        self._revoke.click(self._end, [self._token, visit], outputs, **private)
        self._endpoint.input(_chosen, [self._endpoint, visit], [visit], **private)
        self._look.input(None, [self._look], None, js=DRESS, **private)

    def dress(self, page: Any, private: dict[str, Any]) -> None:
        """The page as it was dressed the last time, on this device."""
        page.load(None, None, [self._look], js=DRESSED, **private)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is left in the room."""
        outputs = [self._token, self._tokens, self._endpoint]
        after.then(lambda: (*_listed([], ""), _offered([])), None, outputs, **private)

    def _enter(self, visit: Visit) -> tuple[Any, ...]:
        try:
            offered = self._own.endpoints(visit)
        except DataError:
            offered = []
        return *_listed(*self._own.tokens(visit)), _offered(offered, visit.endpoint)

    def _end(self, id: str | None, visit: Visit) -> tuple[Any, ...]:
        return _listed(*self._own.revoke(id, visit))


def _chosen(name: str | None, visit: Visit) -> Visit:
    return replace(visit, endpoint=name or "")


def _listed(tokens: list[tuple[str, str]], shown: str) -> tuple[Any, ...]:
    import gradio as gr

    return gr.update(choices=tokens, value=None), shown


def _offered(names: list[tuple[str, str]], chosen: str = "") -> Any:
    import gradio as gr

    return gr.update(choices=names or [(CURRENT, "")], value=chosen)
