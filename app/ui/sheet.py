"""The fields of a filling as inputs, and the answers that a person has put into them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from app.ui import render, sources

if TYPE_CHECKING:
    from agents.forms.field import Field
    from agents.forms.form import Form
    from agents.forms.state import Candidate, FieldValue, Filling

MOST = 200
"""Fields that are shown; of a longer form those without a value come first."""
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Line:
    """One field with its value."""

    field: Field
    value: FieldValue

    @property
    def shown(self) -> str:
        """The value as its input has it."""
        return written(self.value.value)

    @property
    def label(self) -> str:
        return f"{self.field.title}{' *' if self.field.required else ''}"

    @property
    def choices(self) -> list[str]:
        """What there is to choose from; [] where the answer is free."""
        if self.value.candidates:
            return [_offer(one) for one in self.value.candidates]
        if self.field.options:
            return [written(option) for option in self.field.options]
        return [YES, NO] if self.field.kind == "boolean" else []

    def answer(self, entered: str) -> Any:
        """What a person's entry says: a candidate by its number, None for nothing, a value otherwise."""
        for one in self.value.candidates:
            if entered == _offer(one):
                return {"use": one.number}
        if self.field.kind in ("array", "object", "any"):
            return _read(entered)
        return entered.strip() or None


def lines(form: Form, filling: Filling) -> tuple[list[Line], int]:
    """The lines to show, in the form's order, and how many are left out."""
    found = [Line(form.field(value.path), value) for value in filling.values]
    if len(found) > MOST:
        kept = sorted(found, key=lambda line: line.value.status == "filled")[:MOST]
        found, every = [line for line in found if line in kept], len(found)
        return found, every - MOST
    return found, 0


def sections(found: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    """The lines under the titles of what is around them."""
    for title, several in groupby(found, key=lambda line: " · ".join(line.field.sections)):
        yield title, list(several)


def answers(found: Sequence[Line], entered: Sequence[Any]) -> dict[str, Any]:
    """Path -> answer, for what is not as it was shown."""
    texts = ["" if one is None else str(one) for one in entered]
    return {
        line.field.path: line.answer(text)
        for line, text in zip(found, texts, strict=True)
        if text.strip() != line.shown.strip()
    }


def place(found: Sequence[Line], editable: bool) -> list[Any]:
    """The inputs, each beside the source of its value, where this is called."""
    import gradio as gr

    inputs = []
    for title, several in sections(found):
        if title:
            gr.HTML(f'<h3 class="lw-section">{render.text(title)}</h3>')
        for line in several:
            with gr.Row(elem_classes="lw-field", equal_height=False):
                inputs.append(_input(line, editable))
                gr.HTML(sources.source(line.value, editable))
    return inputs


def written(value: Any) -> str:
    """A value as a text that can be edited."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list) else str(value)


def _input(line: Line, editable: bool) -> Any:
    import gradio as gr

    common: dict[str, Any] = {"label": line.label, "interactive": editable, "min_width": 200}
    if line.choices:
        free = bool(line.value.candidates) and not line.field.options
        chosen = line.shown or None
        offered = line.choices if chosen is None or chosen in line.choices else [chosen, *line.choices]
        return gr.Dropdown(
            ["", *offered] if not free else offered, value=chosen or "", allow_custom_value=True, **common
        )
    hints = {"date": "2024-12-31", "date-time": "2024-12-31T12:00:00Z"}
    return gr.Textbox(line.shown, placeholder=hints.get(line.field.format, ""), max_lines=4, **common)


def _offer(one: Candidate) -> str:
    return f"{written(one.value)} — {one.said}"


def _read(entered: str) -> Any:
    try:
        return json.loads(entered) if entered.strip() else None
    except ValueError:
        return [part.strip() for part in entered.split(",")]
