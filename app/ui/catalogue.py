"""The room of the catalogue: the tables that the caller sees, by name or by words, and one of them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.identity import Identity
from app.listing import found, listing
from app.ui import render, shelf
from app.ui.rooms import Rooms
from app.ui.session import visitor
from data.errors import DataError

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.ui.session import Visit

AT_ONCE = 4
MOST = 200
"""Tables in the list; a search finds the others."""


class Catalogue:
    """What happens in the room. Who looks, and what their token is for, is checked again at every look."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def search(self, words: str, visit: Visit) -> tuple[list[str], str]:
        """(names of tables, best first, or all of them by name; what to say)."""
        try:
            caller, gateway = self._caller(visit).principal, self._lakewright.gateway
            if not words.strip():
                names = sorted(table.full_name for table in gateway.askable(caller).tables)
                more = len(names) - MOST
                said = f'<p class="lw-about">and {more:,} more: search for them</p>' if more > 0 else shelf.NONE_CHOSEN
                return names[:MOST], said if names else shelf.EMPTY
            best = found(gateway, self._lakewright.retriever, caller, words.strip(), 20)
            return [table.full_name for table in best], shelf.NONE_CHOSEN if best else shelf.nothing(words.strip())
        except DataError as error:
            return [], render.notice(error.message, error.remedy)

    def show(self, name: str | None, visit: Visit) -> str:
        """One table as the caller sees it."""
        try:
            who, gateway = self._caller(visit), self._lakewright.gateway
            if not name:
                return shelf.NONE_CHOSEN
            visible = gateway.visible(who.principal)
            table = visible.table(name)
            described = listing(gateway, who.principal, table.full_name)[0]
            return shelf.page(described, table, visible, self._why(who, table.full_name))
        except DataError as error:
            return render.notice(error.message, error.remedy)

    def _why(self, who: Identity, name: str) -> list[str]:
        """The rules that decide, with their lines: for who may read the policy."""
        from data.explain import explain, sentences

        if not who.may("admin"):
            return []
        gateway = self._lakewright.gateway
        return list(sentences(explain(gateway.policy, who.principal, gateway.catalog.table(name))))

    def _caller(self, visit: Visit) -> Identity:
        who = visitor(self._lakewright, visit)
        who.require("ui")
        who.require("catalog")
        return who


class Shelf:
    """The room's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._catalogue = Catalogue(lakewright)

    def place(self) -> Any:
        """Their column, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False, elem_id="catalogue") as column:
            such_as = "refunds, or what customers complained about"
            self._words = gr.Textbox(label="Search", placeholder=such_as, elem_id="catalogue-words", max_lines=1)
            with gr.Row():
                with gr.Column(scale=1, min_width=220):
                    self._names = gr.Radio([], label="Tables", elem_id="catalogue-tables", elem_classes="lw-list")
                with gr.Column(scale=3, min_width=300):
                    self._page = gr.HTML(render.LOADING, elem_id="catalogue-page")
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Listing when the room is entered, searching, choosing."""
        bounds: dict[str, Any] = {**private, "concurrency_limit": AT_ONCE, "concurrency_id": "catalogue"}
        outputs = [self._names, self._page]
        rooms.opened["catalogue"].then(self._search, [self._words, visit], outputs, **bounds)
        self._words.submit(self._search, [self._words, visit], outputs, **bounds)
        shown = {**bounds, "show_progress": "minimal", "show_progress_on": [self._page]}
        self._names.input(self._catalogue.show, [self._names, visit], [self._page], **shown)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is left in the room."""
        outputs = [self._names, self._page, self._words]
        after.then(lambda: (_listed([]), "", ""), None, outputs, **private)

    def _search(self, words: str, visit: Visit) -> tuple[Any, str]:
        names, said = self._catalogue.search(words, visit)
        return _listed(names), said


def _listed(names: list[str]) -> Any:
    import gradio as gr

    return gr.update(choices=[(name, name) for name in names], value=None, visible=bool(names))
