"""The rooms of the page, of which one is open. Some are the administrator's alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

LABELS = {
    "chat": "Ask",
    "catalogue": "Catalogue",
    "forms": "Forms",
    "code": "Code",
    "models": "Models",
    "training": "Training",
    "streams": "Streams",
    "audit": "Audit",
    "settings": "Settings",
}
ADMINISTRATION = frozenset({"training", "streams", "audit"})

FOLLOW = "() => { lakewright.follow(); return []; }"


class Rooms:
    """A button for each room. `opened` has what to wait for, by room, once they are wired."""

    def __init__(self) -> None:
        import gradio as gr

        small: dict[str, Any] = {"size": "sm", "scale": 0, "min_width": 70, "visible": False}
        with gr.Row(elem_id="rooms"):
            self._buttons = {name: gr.Button(label, elem_id=f"to-{name}", **small) for name, label in LABELS.items()}
        self._went = gr.Button(visible="hidden", elem_id="went")
        self.opened: dict[str, Any] = {}

    def wire(self, columns: Mapping[str, Any], private: Mapping[str, Any]) -> None:
        """Between the columns of the rooms, by their names."""
        outputs = [*(columns[name] for name in LABELS), *self._buttons.values()]
        for name, button in self._buttons.items():
            self.opened[name] = button.click(None, None, outputs, js=_js("enter", name), **private)
        self._outputs = outputs

    def greet(self, entered: Any, visit: Any, may: Callable[[Any], bool], private: Mapping[str, Any]) -> Any:
        """After signing in: the ways that are open to this visitor; `may` tells whether the administrator's are."""

        def ways(now: Any) -> list[Any]:
            administrator = may(now)
            return [_shown(administrator or name not in ADMINISTRATION) for name in LABELS]

        return entered.then(ways, [visit], list(self._buttons.values()), **private)

    def went(self, private: Mapping[str, Any]) -> Any:
        """When the browser goes back or forth."""
        return self._went.click(None, None, None, js=FOLLOW, **private)

    def follow(self, after: Any, private: Mapping[str, Any]) -> Any:
        """After something: to the room that the address names."""
        return after.then(None, None, None, js=FOLLOW, **private)

    def left(self, name: str) -> list[Any]:
        """What to wait for where somebody goes from this room to another."""
        return [opened for other, opened in self.opened.items() if other != name]

    def leave(self, left: Any, private: Mapping[str, Any]) -> Any:
        """After signing out: the chat's place again, and no ways."""
        hidden = left.then(lambda: [_shown(False)] * len(LABELS), None, list(self._buttons.values()), **private)
        return hidden.then(None, None, self._outputs, js=_js("open", "chat"), **private)


def _js(function: str, room: str) -> str:
    """Rooms are opened in the browser alone: two that the server was asked for in a row might come in either order."""
    return f"() => lakewright.{function}({json.dumps(room)}, {json.dumps(list(LABELS))})"


def _shown(visible: bool) -> Any:
    import gradio as gr

    return gr.update(visible=visible)
