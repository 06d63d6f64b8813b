"""The room of the audit trail, for the administrator: who did what, found again, and whether the chain holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.trail import Sought, read
from app.ui import render
from app.ui.rooms import Rooms
from app.ui.session import visitor
from data.errors import DataError

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.ui.session import Visit
    from data.policy import Principal

AT_ONCE = 2
PAGE = 50
KINDS = [("Everything", ""), *((kind, kind) for kind in ("query", "question", "training", "form", "code", "admin"))]
COLUMNS = ("No.", "When (UTC)", "Who", "Kind", "What", "Outcome", "Rows", "ms")
EMPTY = '<p class="lw-about" role="status">No record fits. Leave a field empty to see more.</p>'


class Trail:
    """What happens in the room. Who looks is checked again at every look."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def look(self, who: str, kind: str, words: str, before: int | None, visit: Visit) -> tuple[str, int | None]:
        """The records as HTML, and the number that older ones begin before."""
        try:
            caller = self._administrator(visit, "read the audit trail")
            sought = Sought(who.strip(), kind or "", words.strip())
            records, older = read(self._lakewright, caller, PAGE, before, sought)
            return records_of(records), older
        except DataError as error:
            return render.notice(error.message, error.remedy), None

    def check(self, visit: Visit) -> str:
        """Whether the chain holds."""
        try:
            self._administrator(visit, "check the audit trail")
            found = self._lakewright.gateway.audit.verify()
        except DataError as error:
            return render.notice(error.message, error.remedy)
        if not found.ok:
            return render.notice(f"The chain is broken: {found.problem}", "Keep the home as it is, and find out who.")
        said = f"{found.records:,} records; none was changed or removed."
        return f'<p role="status"><span class="lw-badge lw-verified">chain verified</span> {said}</p>'

    def _administrator(self, visit: Visit, task: str) -> Principal:
        identity = visitor(self._lakewright, visit)
        identity.require("ui")
        identity.require("admin", task)
        return identity.principal


def records_of(records: list[dict[str, Any]]) -> str:
    """The records as a table."""
    if not records:
        return EMPTY
    shown = render.table(COLUMNS, [_row(record) for record in records])
    return f'<div class="lw-page lw-wide"><div class="lw-scroll lw-tall" tabindex="0">{shown}</div></div>'


def _row(record: Mapping[str, Any]) -> tuple[Any, ...]:
    what = record["question"] or " ".join(part for part in (record["asked"], record["message"]) if part)
    at = str(record["at"]).replace("T", " ")[:19]
    ms = None if record["ms"] is None else round(record["ms"])
    return record["seq"], at, record["principal"], record["kind"], what, record["outcome"], record["rows"], ms


class Archive:
    """The room's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._trail = Trail(lakewright)

    def place(self) -> Any:
        """Their column, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False, elem_id="audit") as column:
            self._verdict = gr.HTML(elem_id="audit-chain")
            with gr.Row(elem_classes="lw-sides"):
                self._words = gr.Textbox(label="Words", elem_id="audit-words", max_lines=1, scale=2)
                self._who = gr.Textbox(label="Who", elem_id="audit-who", max_lines=1)
                self._kind = gr.Dropdown(KINDS, value="", label="Kind", elem_id="audit-kind")
            with gr.Row():
                self._find = gr.Button("Find", variant="primary", elem_id="audit-find", size="sm")
                self._more = gr.Button("Older", elem_id="audit-older", size="sm", interactive=False)
            self._records = gr.HTML(render.LOADING, elem_id="audit-records")
            self._before = gr.State(None)
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Looking when the room is entered, filtering, going back in time."""
        bounds: dict[str, Any] = {**private, "concurrency_limit": AT_ONCE, "concurrency_id": "audit"}
        sought, outputs = [self._who, self._kind, self._words], [self._records, self._before, self._more]
        entered = rooms.opened["audit"].then(self._newest, [*sought, visit], outputs, **bounds)
        entered.then(self._trail.check, [visit], [self._verdict], **bounds)
        for start in (self._find.click, self._words.submit, self._who.submit, self._kind.input):
            start(self._newest, [*sought, visit], outputs, **bounds)
        self._more.click(self._older, [*sought, self._before, visit], outputs, **bounds)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is left in the room."""
        outputs = [self._records, self._verdict, self._before, self._who, self._words, self._kind]
        after.then(lambda: ("", "", None, "", "", ""), None, outputs, **private)

    def _newest(self, who: str, kind: str, words: str, visit: Visit) -> tuple[Any, ...]:
        return self._older(who, kind, words, None, visit)

    def _older(self, who: str, kind: str, words: str, before: int | None, visit: Visit) -> tuple[Any, ...]:
        import gradio as gr

        shown, older = self._trail.look(who, kind, words, before, visit)
        return shown, older, gr.update(interactive=older is not None)
