"""The room of features and models: what there is, the values of a key, scores with their reasons, and drift."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.ui import render, score
from app.ui.rooms import Rooms
from app.ui.session import visitor
from data.errors import DataError, Invalid
from data.values import whole

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.ui.session import Visit
    from data.policy import Principal

AT_ONCE = 4
MOST_VERSIONS = 4
EXAMPLE = 'payment_id=123, or {"payment_id": 123}'


class Models:
    """What happens in the room. Who it is, and what their token is for, is checked again at every step."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def names(self, visit: Visit) -> tuple[list[tuple[str, str]], str]:
        """(what there is as (words, `view/name` or `model/name`), what to say)."""
        found: list[tuple[str, str]] = []
        try:
            if self._may(visit, "features"):
                views = self._lakewright.features.visible(self._caller(visit, "features"))
                found += [(f"features: {plan.view.name}", f"view/{plan.view.name}") for plan, _ in views]
            if self._may(visit, "score"):
                models = self._lakewright.predictor.visible(self._caller(visit, "score"))
                found += [(f"model: {one.version.name}", f"model/{one.version.name}") for one in models]
        except DataError as error:
            return [], render.notice(error.message, error.remedy)
        return found, score.NONE_CHOSEN if found else score.EMPTY

    def show(self, chosen: str | None, visit: Visit) -> str:
        """A view or a model."""
        kind, _, name = (chosen or "").partition("/")
        try:
            return self._view(name, visit) if kind == "view" else self._model(name, visit)
        except DataError as error:
            return render.notice(error.message, error.remedy)

    def look_up(self, chosen: str | None, words: str, visit: Visit) -> str:
        """The features of a key, or its score."""
        kind, _, name = (chosen or "").partition("/")
        try:
            keys = keys_of(words)
            if kind == "view":
                caller = self._caller(visit, "features")
                got = self._lakewright.features.get(caller, name, [keys], [], datetime.now(UTC))[0]
                return score.values(keys, got.values, got.reason)
            caller = self._caller(visit, "score")
            return score.scored(self._lakewright.predictor.score(caller, name, [keys], reasons=10)[0].as_json())
        except DataError as error:
            return render.notice(error.message, error.remedy)

    def _view(self, name: str, visit: Visit) -> str:
        features, caller = self._lakewright.features, self._caller(visit, "features")
        for plan, outputs in features.visible(caller):
            if plan.view.name == name:
                version, online = features.state(plan)
                fields = ("name", "entity", "source", "description")
                about = {field: getattr(plan.view, field) for field in fields}
                about |= {"keys": list(plan.view.keys), "version": version, "online": online}
                return score.view(about, [(o.name, o.type, o.feature.description) for o in outputs])
        raise Invalid(f"There are no features '{name}' any more.", "Enter the room again.")

    def _model(self, name: str, visit: Visit) -> str:
        from agents.predictors.card import card

        caller, predictor = self._caller(visit, "score"), self._lakewright.predictor
        champion = card(predictor, caller, name)
        known = sorted(predictor.models.store.versions(name), key=lambda one: (not one.aliases, -one.version))
        versions = [card(predictor, caller, name, one.version) for one in known[:MOST_VERSIONS] if one.folder.is_dir()]
        return score.model(champion, versions, self._drift(caller, name))

    def _drift(self, caller: Principal, name: str) -> str:
        from agents.predictors.monitor import report

        try:
            return score.drift_of(report(self._lakewright.predictor, caller, name).as_json())
        except DataError as error:
            return f'<p class="lw-about">{render.text(error.message)}</p>'

    def _may(self, visit: Visit, scope: str) -> bool:
        return visitor(self._lakewright, visit).may(scope)

    def _caller(self, visit: Visit, scope: str) -> Principal:
        who = visitor(self._lakewright, visit)
        who.require("ui")
        who.require(scope)
        return who.principal


def keys_of(words: str) -> dict[str, Any]:
    """`card_id=7, day=2026-01-01` or a JSON object as keys; Invalid quotes what is neither."""
    try:
        found = json.loads(words) if words.strip().startswith("{") else dict(map(_pair, words.split(",")))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str | int | float) for v in found.values()):
        raise Invalid(f"'{words[:200]}' names no key.", f"Write it such as {EXAMPLE}.")
    return found


def _pair(words: str) -> tuple[str, str | int]:
    name, _, value = (part.strip() for part in words.partition("="))
    if not name or not value:
        raise ValueError(words)
    return name, value if (number := whole(value)) is None else number


class Showroom:
    """The room's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._models = Models(lakewright)

    def place(self) -> Any:
        """Their column, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False, elem_id="models") as column, gr.Row():
            with gr.Column(scale=1, min_width=240):
                label = "Features and models"
                self._names = gr.Radio([], label=label, elem_id="models-names", elem_classes="lw-list")
            with gr.Column(scale=3, min_width=300):
                with gr.Row(visible=False, elem_classes="lw-beside") as self._asking:
                    self._keys = gr.Textbox(
                        label="Key", placeholder=EXAMPLE, elem_id="models-keys", max_lines=1, scale=3
                    )
                    self._find = gr.Button("Look up", variant="primary", elem_id="models-find", scale=1)
                self._found = gr.HTML(elem_id="models-found")
                self._page = gr.HTML(render.LOADING, elem_id="models-page")
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Listing when the room is entered, choosing, looking up."""
        bounds: dict[str, Any] = {**private, "concurrency_limit": AT_ONCE, "concurrency_id": "models"}
        outputs = [self._names, self._page, self._found, self._asking]
        rooms.opened["models"].then(self._list, [visit], outputs, **bounds)
        shown = {**bounds, "show_progress": "minimal", "show_progress_on": [self._page]}
        self._names.input(self._show, [self._names, visit], [self._page, self._found, self._asking], **shown)
        for start in (self._find.click, self._keys.submit):
            start(self._models.look_up, [self._names, self._keys, visit], [self._found], **bounds)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is left in the room."""
        outputs = [self._names, self._page, self._found, self._asking, self._keys]
        after.then(lambda: (*_listed([], ""), ""), None, outputs, **private)

    def _list(self, visit: Visit) -> tuple[Any, ...]:
        return _listed(*self._models.names(visit))

    def _show(self, chosen: str | None, visit: Visit) -> tuple[Any, ...]:
        import gradio as gr

        return self._models.show(chosen, visit), "", gr.update(visible=bool(chosen))


def _listed(names: list[tuple[str, str]], said: str) -> tuple[Any, ...]:
    import gradio as gr

    return gr.update(choices=names, value=None, visible=bool(names)), said, "", gr.update(visible=False)
