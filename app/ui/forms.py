"""The room of the forms: choose one, say what it is about, review each value with its source, sign, download."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.ui import render, sheet, sources
from app.ui.rooms import Rooms
from app.ui.session import signed_in
from app.ui.upload import Upload
from data.errors import DataError

if TYPE_CHECKING:
    from agents.forms.state import FieldValue, Filling
    from app.assembly import Lakewright
    from app.ui.session import Visit

AT_ONCE = 4
EMPTY = (
    '<section class="lw-card lw-empty"><h2>Nothing on the desk</h2><p>Choose a form and say whom or what it is about. '
    "Each value comes with where it was found; you review, change and sign.</p></section>"
)


@dataclass(frozen=True)
class Paper:
    """The filling on the desk; `turn` is another each time that it has changed."""

    filling_id: str = ""
    turn: int = 0

    def turned(self, filling_id: str) -> Paper:
        return Paper(filling_id, self.turn + 1)


class Forms:
    """What happens in the room. Who it is is checked again at every step."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def names(self, visit: Visit) -> list[tuple[str, str]]:
        """The forms, as (title, name)."""
        signed_in(self._lakewright, visit)
        return [(form.title, form.name) for form in self._lakewright.forms.registry.list()]

    def fill(self, name: str | None, about: str, visit: Visit, paper: Paper) -> Iterator[tuple[Paper, str]]:
        """The paper and what is going on, again until the filling is there."""
        from agents.forms.state import Filled, Filling, Step

        steps: list[tuple[str, str]] = []
        values: list[FieldValue] = []
        try:
            principal = signed_in(self._lakewright, visit)
            yield Paper(turn=paper.turn + 1), sources.progress(about, steps, values)
            for event in self._lakewright.forms.stream(principal, name or "", about.strip()):
                if isinstance(event, Filling):
                    yield paper.turned(event.filling_id), ""
                    return
                if isinstance(event, Step):
                    steps.append((event.name, event.detail))
                elif isinstance(event, Filled):
                    values.append(event.value)
                yield Paper(turn=paper.turn + 1), sources.progress(about, steps, values)
        except DataError as error:
            yield Paper(turn=paper.turn + 1), render.notice(error.message, error.remedy)

    def look(self, visit: Visit, paper: Paper) -> Filling:
        return self._lakewright.forms.get(signed_in(self._lakewright, visit), paper.filling_id)

    def change(self, visit: Visit, paper: Paper, answers: dict[str, Any], sign: bool) -> tuple[Paper, str]:
        """Take the answers, and sign where that is wanted."""
        forms, said = self._lakewright.forms, ""
        try:
            principal = signed_in(self._lakewright, visit)
            if answers:
                forms.answer(principal, paper.filling_id, answers)
                paper = paper.turned(paper.filling_id)
            if sign:
                forms.sign(principal, paper.filling_id)
        except DataError as error:
            # What was entered stays in the inputs unless it has been taken.
            return paper, render.notice(error.message, error.remedy)
        return paper.turned(paper.filling_id), said

    def choose(self, visit: Visit, paper: Paper, number: int) -> tuple[Paper, str]:
        try:
            self._lakewright.forms.choose(signed_in(self._lakewright, visit), paper.filling_id, number)
        except DataError as error:
            return paper, render.notice(error.message, error.remedy)
        return paper.turned(paper.filling_id), ""

    def files(self, visit: Visit, filling: Filling) -> str:
        """Links to what a signed filling gives."""
        from agents.forms.handout import PDF, handout

        principal = signed_in(self._lakewright, visit)
        media = self._lakewright.forms.registry.get(filling.form, filling.version).media
        formats = ("pdf", "json") if media == PDF else ("json",)
        forms = self._lakewright.forms
        return sources.links([handout(forms, principal, filling.filling_id, one) for one in formats])

    def lines(self, filling: Filling) -> tuple[list[sheet.Line], int]:
        return sheet.lines(self._lakewright.forms.registry.get(filling.form, filling.version), filling)


class Desk:
    """The room's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._forms, self._upload = Forms(lakewright), Upload(lakewright)

    def place(self, visit: Any, private: dict[str, Any]) -> Any:
        """Their column, hidden until somebody goes there."""
        import gradio as gr

        self._visit, self._private = visit, private
        with gr.Column(visible=False, elem_id="forms") as column:
            with gr.Row(elem_classes="lw-beside"):
                self._name = gr.Dropdown([], label="Form", elem_id="form-name", scale=2, min_width=230)
                asked, such_as = "Whom or what is it about?", "merchant Blue Bottle, or a key"
                self._about = gr.Textbox(label=asked, placeholder=such_as, elem_id="form-about", max_lines=1, scale=3)
                self._fill = gr.Button(
                    "Fill", variant="primary", elem_id="form-fill", scale=0, min_width=110, interactive=False
                )
            self._upload.place()
            self._live = gr.HTML(elem_id="form-live")
            self._paper = gr.State(Paper())
            gr.render(inputs=[visit, self._paper], show_progress="hidden")(self._draw)
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Filling, and the list of forms when the room is opened."""
        listed = [self._name, self._fill, self._live]
        opened = rooms.opened["forms"].then(self._names, [visit], listed, **private)
        opened.then(self._may_add, [visit], [self._upload.box], **private)
        sent, added = self._upload.wire(visit, self._live, private)
        sent.then(self._added, [visit, added], listed, **private)
        for start in (self._fill.click, self._about.submit):
            start(
                self._forms.fill, [self._name, self._about, visit, self._paper], [self._paper, self._live],
                concurrency_limit=AT_ONCE, concurrency_id="forms", **private,
            )  # fmt: skip

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is on the desk."""
        after.then(lambda: (Paper(), "", ""), None, [self._paper, self._live, self._about], **private)

    def _names(self, visit: Visit) -> tuple[Any, Any, str]:
        """The list, with its first form chosen: from then on there is something to fill."""
        import gradio as gr

        try:
            found = self._forms.names(visit)
        except DataError as error:
            return gr.update(choices=[]), gr.update(interactive=False), render.notice(error.message, error.remedy)
        none = render.notice("There are no forms yet.", "Add one: lakewright forms add NAME FILE")
        chosen = gr.update(choices=found, value=found[0][1] if found else None)
        return chosen, gr.update(interactive=bool(found)), "" if found else none

    def _may_add(self, visit: Visit) -> Any:
        import gradio as gr

        try:
            return gr.update(visible=self._upload.may(visit))
        except DataError:
            return gr.update(visible=False)

    def _added(self, visit: Visit, name: str) -> tuple[Any, Any, Any]:
        """The list with the new form chosen; as it was where none was added."""
        import gradio as gr

        if not name:
            return gr.skip(), gr.skip(), gr.skip()
        said = f'<p class="lw-about" role="status">The form {render.text(name)} was added.</p>'
        return gr.update(choices=self._forms.names(visit), value=name), gr.update(interactive=True), said

    def _draw(self, visit: Visit, paper: Paper) -> None:
        """The filling on the desk."""
        import gradio as gr

        if not paper.filling_id:
            gr.HTML("" if paper.turn else EMPTY)
            return
        try:
            filling = self._forms.look(visit, paper)
            gr.HTML(sources.summary(filling))
            if filling.status == "clarify":
                self._choices(filling)
            else:
                self._fields(filling, visit)
        except DataError as error:
            gr.HTML(render.notice(error.message, error.remedy))

    def _choices(self, filling: Filling) -> None:
        import gradio as gr

        offered = [(f"{one.label}  {one.detail}".strip(), one.number) for one in filling.choices]
        chosen = gr.Radio(offered, label="Several match. Which one is meant?", elem_id="form-choice")
        chosen.input(
            lambda visit, paper, number: self._forms.choose(visit, paper, number),
            [self._visit, self._paper, chosen], [self._paper, self._live], **self._private,
        )  # fmt: skip

    def _fields(self, filling: Filling, visit: Visit) -> None:
        import gradio as gr

        found, left = self._forms.lines(filling)
        editable = filling.status == "review"
        if not editable:
            gr.HTML(self._forms.files(visit, filling))
        inputs = sheet.place(found, editable)
        if left:
            gr.HTML(f'<p class="lw-about">and {left:,} more fields, which the API shows</p>')
        if editable:
            with gr.Row():
                save = gr.Button("Save changes", elem_id="form-save")
                sign = gr.Button("Sign", variant="primary", elem_id="form-sign")
            for button in (save, sign):
                self._changes(button, found, inputs, button is sign)

    def _changes(self, button: Any, found: list[sheet.Line], inputs: list[Any], sign: bool) -> None:
        def change(visit: Visit, paper: Paper, *entered: Any) -> tuple[Paper, str]:
            return self._forms.change(visit, paper, sheet.answers(found, entered), sign)

        button.click(change, [self._visit, self._paper, *inputs], [self._paper, self._live], **self._private)
