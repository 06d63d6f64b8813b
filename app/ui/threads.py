"""What happens with a visitor's own conversations: find, open, rename, delete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app import dialogue
from app.ui import past, render
from app.ui.chat import MOST_CARDS
from app.ui.session import Visit, signed_in
from data.errors import DataError

if TYPE_CHECKING:
    from app.assembly import Lakewright

Choices = list[tuple[str, str]]
NONE = '<p class="lw-about" role="status">Your conversations will be here.</p>'


class Threads:
    """Who it is is checked again at every step; the id of somebody else's is one that there is not."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def list(self, words: str, visit: Visit) -> tuple[Choices, str]:
        """(the conversations as (title, id), the newest first; what to say)."""
        try:
            caller = signed_in(self._lakewright, visit)
            found = self._lakewright.conversations.list(caller.name, words)
        except DataError as error:
            return [], render.notice(error.message, error.remedy)
        nothing = f'<p class="lw-about" role="status">None has “{render.text(words.strip()[:80])}”.</p>'
        said = "" if found else nothing if words.strip() else NONE
        return [(render.plain(one.title), one.id) for one in found], said

    def open(self, id: str | None, visit: Visit) -> Iterator[tuple[Visit, str, str, str]]:
        """(visit, log, notice, title), first without rows, then with them. Without an id: a new conversation."""
        new = replace(visit, thread="", cards=(), answer_id="")
        try:
            caller = signed_in(self._lakewright, visit)
            if not id:
                yield new, "", "", ""
                return
            kept = self._lakewright.conversations
            title, turns = kept.get(caller.name, id).title, kept.turns(caller.name, id, MOST_CARDS)
            for cards in past.cards(self._lakewright, caller, turns):
                yield replace(new, thread=id, cards=cards), render.thread(cards), "", title
        except DataError as error:
            yield new, "", render.notice(error.message, error.remedy), ""

    def rename(self, title: str, visit: Visit) -> str:
        """What to say; "" when it is done."""
        try:
            caller = signed_in(self._lakewright, visit)
            self._lakewright.conversations.rename(caller.name, visit.thread, title)
        except DataError as error:
            return render.notice(error.message, error.remedy)
        return ""

    def delete(self, sure: str, visit: Visit) -> tuple[str, bool]:
        """(what to say, whether it is gone), with what the models remember of it."""
        if sure != "yes":
            return "", False
        try:
            caller = signed_in(self._lakewright, visit)
            dialogue.forget(self._lakewright, caller, visit.thread)
        except DataError as error:
            return render.notice(error.message, error.remedy), False
        return "", True


def listed(choices: Choices, chosen: str) -> Any:
    import gradio as gr

    known = {id for _, id in choices}
    return gr.update(choices=choices, value=chosen if chosen in known else None, visible=bool(choices))
