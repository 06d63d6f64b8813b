"""What a PDF's page says beside a field that has no title of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.forms.pdf.node import Node, nodes, states
from agents.forms.pdf.slot import Slot

MOST_TEXTS = 20_000
FARTHEST = 260.0
"""Points between a label and its field."""
WIDTH = 0.5
"""Of a letter, as a share of its size."""
MEANINGLESS = re.compile(r"(choice|option|opt|button|btn|yes|on|radio)?[\s_]*\d*", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A run of letters on a page, from `left` to `right` on the line `base`, in points."""

    left: float
    right: float
    base: float
    said: str


def titled(reader: Any, slots: Sequence[Slot]) -> list[Slot]:
    """The slots with the words of their pages where they have none of their own."""
    wanted = {slot.name for slot in slots if not slot.title or slot.kind == "radio"}
    if not wanted:
        return list(slots)
    found = {node.name: node for node in nodes(reader.root_object["/AcroForm"].get_object()) if node.name in wanted}
    pages = _Pages(reader)
    return [_titled(slot, found[slot.name], pages) if slot.name in found else slot for slot in slots]


def _titled(slot: Slot, node: Node, pages: _Pages) -> Slot:
    if slot.kind == "radio":
        return replace(slot, options=_choices(slot, node, pages))
    texts, rect = pages.around(node.widgets[0])
    after = slot.kind == "check"
    return replace(slot, title=beside(texts, rect, after=after)) if rect else slot


def _choices(slot: Slot, node: Node, pages: _Pages) -> tuple[tuple[str, str], ...]:
    """The options of radio buttons, by what stands behind each where their own names say nothing."""
    if not all(MEANINGLESS.fullmatch(label) for label, _ in slot.options):
        return slot.options
    said: dict[str, str] = {}
    for widget in node.widgets:
        texts, rect = pages.around(widget)
        for state in states(widget):
            said[beside(texts, rect, after=True) if rect else ""] = state
    return tuple(said.items()) if len(said) == len(slot.options) and "" not in said else slot.options


def beside(texts: Sequence[Text], rect: tuple[float, ...], *, after: bool) -> str:
    """The words next to a field: on its line before it, or after it where that is wanted, else right above it."""
    left, bottom, right, top = rect
    line = [one for one in texts if bottom - 4 <= one.base <= max(top - 4, bottom + 4)]
    behind = [one for one in line if 0 <= one.left - right + 3 < FARTHEST / 4]
    before = [one for one in line if 0 <= left - one.right + 8 < FARTHEST]
    above = [one for one in texts if 0 <= one.base - top + 2 < 16 and one.left < right and one.right > left - 4]
    order = (min(behind, key=lambda one: one.left, default=None) if after else None,
             max(before, key=lambda one: one.right, default=None),
             min(above, key=lambda one: (one.base, abs(one.left - left)), default=None))  # fmt: skip
    return next((said for one in order if one is not None and (said := _clean(one.said))), "")


def _clean(said: str) -> str:
    words = " ".join(said.split()).strip(" :.*_-–…")
    return words[:200] if re.search(r"[^\W\d_]{2}", words) else ""


class _Pages:
    """The texts of a PDF's pages, read once each."""

    def __init__(self, reader: Any) -> None:
        self._pages = list(reader.pages)
        self._texts: dict[int, list[Text]] = {}
        self._where = dict(self._widgets())

    def around(self, widget: Mapping[str, Any]) -> tuple[list[Text], tuple[float, ...]]:
        """The texts of a widget's page, and its rectangle; () where it has none."""
        at = self._where.get(id(widget))
        rect = widget.get("/Rect")
        if at is None or rect is None or len(rect) != 4:
            return [], ()
        if at not in self._texts:
            self._texts[at] = _read(self._pages[at])
        x0, y0, x1, y1 = (float(one.get_object()) for one in rect)
        return self._texts[at], (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def _widgets(self) -> Iterator[tuple[int, int]]:
        for at, page in enumerate(self._pages):
            found = page.get("/Annots")
            for one in found.get_object() if found is not None else ():
                yield id(one.get_object()), at


def _read(page: Any) -> list[Text]:
    found: list[Text] = []

    def visit(said: str, around: Any, matrix: Any, font: Any, size: float) -> None:
        if said.strip() and len(found) < MOST_TEXTS:
            x = matrix[4] * around[0] + matrix[5] * around[2] + around[4]
            y = matrix[4] * around[1] + matrix[5] * around[3] + around[5]
            found.append(Text(x, x + WIDTH * size * len(said.strip()), y, said))

    page.extract_text(visitor_text=visit)
    return found
