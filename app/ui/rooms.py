"""The rooms of the page, of which one is open: the chat, the forms, the code, and for the administrator the streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

LABELS = {"chat": "Ask", "forms": "Forms", "code": "Code", "streams": "Streams"}


class Rooms:
    """A button for each room. `opened` has what to wait for, by room, once they are wired."""

    def __init__(self) -> None:
        import gradio as gr

        small: dict[str, Any] = {"size": "sm", "scale": 0, "min_width": 110, "visible": False}
        self._buttons = {name: gr.Button(label, elem_id=f"to-{name}", **small) for name, label in LABELS.items()}
        self.opened: dict[str, Any] = {}

    def wire(self, columns: Mapping[str, Any], private: Mapping[str, Any]) -> None:
        """Between the columns of the rooms, by their names."""
        outputs = [*(columns[name] for name in LABELS), *self._buttons.values()]
        for name, button in self._buttons.items():
            self.opened[name] = button.click(lambda name=name: _open(name), None, outputs, **private)
        self._outputs = outputs

    def greet(self, entered: Any, visit: Any, may: Callable[[Any], bool], private: Mapping[str, Any]) -> None:
        """After signing in: the ways that are open to this visitor; `may` tells whether that of the streams is."""
        doors = list(self._buttons.values())
        entered.then(lambda now: [*[_shown(True)] * (len(LABELS) - 1), _shown(may(now))], [visit], doors, **private)

    def leave(self, left: Any, private: Mapping[str, Any]) -> Any:
        """After signing out: the chat's place again, and no ways."""
        hidden = left.then(lambda: [_shown(False)] * len(LABELS), None, list(self._buttons.values()), **private)
        return hidden.then(lambda: _open("chat")[: len(LABELS)], None, self._outputs[: len(LABELS)], **private)


def _open(chosen: str) -> list[Any]:
    import gradio as gr

    shown = [_shown(name == chosen) for name in LABELS]
    return [*shown, *(gr.update(variant="primary" if name == chosen else "secondary") for name in LABELS)]


def _shown(visible: bool) -> Any:
    import gradio as gr

    return gr.update(visible=visible)
