"""The room of trainings, for the administrator: start a recipe, watch it, compare runs, cancel or try again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import jobs as service
from app.ui import render, runs
from app.ui.rooms import Rooms
from app.ui.session import visitor
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.ui.session import Visit
    from finetune.jobs.job import Job, Kind
    from finetune.jobs.store import Jobs

EVERY = 2.0
"""Seconds between two looks."""
AT_ONCE = 4
LIST = "lw-list"
MOST = 60
"""Jobs in the list, the newest first."""

Look = tuple[list[tuple[str, str]], str, str, list[str]]
"""(list of jobs as (words, id), page, what to say, chosen jobs)."""


class Training:
    """What happens in the room. Who it is is checked again at every step."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def recipes(self, visit: Visit) -> list[tuple[str, str]]:
        """The recipes that ship, as (words, `kind/name`), and what needs none."""
        from finetune.recipe import Recipe, shipped
        from finetune.tabular.recipe import TabularRecipe

        self._store(visit)
        found = [("train", name) for name in shipped(TabularRecipe)] + [("finetune", name) for name in shipped(Recipe)]
        return [*((f"{kind} {name}", f"{kind}/{name}") for kind, name in found), ("improve", "improve/")]

    def start(self, recipe: str | None, visit: Visit, chosen: list[str]) -> Look:
        """Queue a recipe, and watch it."""
        try:
            caller = self._store(visit)[1]
            kind, _, subject = (recipe or "").partition("/")
            job = service.submit(self._lakewright, _kind(kind), subject, caller)
        except DataError as error:
            return self.look(visit, chosen, render.notice(error.message, error.remedy))
        return self.look(visit, [job.id], f'<p role="status">{job.id} was queued.</p>')

    def act(self, what: str, visit: Visit, chosen: list[str]) -> Look:
        """Cancel the chosen jobs, or let them wait again."""
        said = "" if chosen else render.notice("No training is chosen.", "Choose one in the list.")
        try:
            caller = self._store(visit)[1]
            for id in chosen:
                (service.cancel if what == "cancel" else service.retry)(self._lakewright, id, caller)
        except DataError as error:
            said = render.notice(error.message, error.remedy)
        return self.look(visit, chosen, said)

    def look(self, visit: Visit, chosen: list[str], said: str = "") -> Look:
        """The list, and the chosen jobs."""
        from finetune.jobs.log import lines

        try:
            store, _ = self._store(visit)
            jobs = store.all()[:MOST]
            picked = [job for job in jobs if job.id in chosen]
            told = [(job, list(lines(store, job.id))) for job in picked]
        except DataError as error:
            return [], "", render.notice(error.message, error.remedy), []
        listed = [(runs.name_of(job), job.id) for job in jobs]
        return listed, _page(jobs, told), said, [job.id for job in picked]

    def _store(self, visit: Visit) -> tuple[Jobs, str]:
        who = visitor(self._lakewright, visit)
        who.require("ui")
        who.require("admin", "run trainings")
        return service.store(self._lakewright), who.name


class Gym:
    """The room's components, and the clock that keeps them new."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._training = Training(lakewright)

    def place(self) -> Any:
        """Their column, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False, elem_id="training") as column:
            with gr.Row(elem_classes="lw-beside"):
                self._recipe = gr.Dropdown([], label="Recipe", elem_id="training-recipe", scale=3)
                self._start = gr.Button("Start", variant="primary", elem_id="training-start", scale=0, min_width=110)
            self._said = gr.HTML(elem_id="training-said")
            with gr.Row():
                with gr.Column(scale=1, min_width=240):
                    self._list = gr.CheckboxGroup(
                        [], label="Trainings", elem_id="training-jobs", elem_classes="lw-list"
                    )
                    with gr.Row():
                        self._cancel = gr.Button("Cancel", elem_id="training-cancel", size="sm", min_width=90)
                        self._retry = gr.Button("Try again", elem_id="training-retry", size="sm", min_width=90)
                with gr.Column(scale=3, min_width=300):
                    self._page = gr.HTML(render.LOADING, elem_id="training-page")
            self._shown = gr.State([])
        self._timer = gr.Timer(EVERY, active=False)
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Starting, choosing, cancelling; looking while the room is open, and only then."""
        bounds: dict[str, Any] = {**private, "concurrency_limit": AT_ONCE, "concurrency_id": "training"}
        outputs = [self._list, self._page, self._said, self._shown]
        entered = rooms.opened["training"].then(self._enter, [visit], [self._recipe, self._timer], **bounds)
        entered.then(self._look, [visit, self._list], outputs, **bounds)
        started = [self._recipe, visit, self._list]
        self._start.click(lambda *given: _listed(self._training.start(*given)), started, outputs, **bounds)
        for button, what in ((self._cancel, "cancel"), (self._retry, "retry")):
            button.click(self._act(what), [visit, self._list], outputs, **bounds)
        self._list.input(self._look, [visit, self._list], outputs, **bounds)
        self._timer.tick(self._again, [visit, self._list, self._shown], [self._list, self._page, self._shown], **bounds)
        for gone in rooms.left("training"):
            gone.then(lambda: _active(False), None, [self._timer], **private)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is left in the room, and nobody looks."""
        outputs = [self._list, self._page, self._said, self._shown, self._timer]
        after.then(lambda: (*_listed(([], "", "", [])), _active(False)), None, outputs, **private)

    def _enter(self, visit: Visit) -> tuple[Any, Any]:
        import gradio as gr

        try:
            return gr.update(choices=self._training.recipes(visit)), _active(True)
        except DataError:
            return gr.update(choices=[]), _active(False)

    def _act(self, what: str) -> Any:
        return lambda visit, chosen: _listed(self._training.act(what, visit, chosen))

    def _look(self, visit: Visit, chosen: list[str]) -> tuple[Any, ...]:
        return _listed(self._training.look(visit, chosen))

    def _again(self, visit: Visit, chosen: list[str], shown: list[Any]) -> tuple[Any, ...]:
        """Only what is new: a list that is written anew takes the keyboard from who is in it."""
        import gradio as gr

        listed, page, _, now = _listed(self._training.look(visit, chosen))
        same = now[0] == shown[0] if shown else False
        return gr.skip() if same else listed, gr.skip() if now == shown else page, now


def _page(jobs: list[Job], told: list[tuple[Job, list[str]]]) -> str:
    match told:
        case []:
            return runs.NONE_CHOSEN if jobs else runs.EMPTY
        case [(job, said)]:
            return runs.one(job, said)
        case several:
            return runs.compared(several)


def _kind(word: str) -> Kind:
    from finetune.jobs.job import KINDS

    found = next((kind for kind in KINDS if kind == word), None)
    if found is None:
        raise Invalid("No recipe is chosen.", "Choose one in the list.")
    return found


def _listed(look: Look) -> tuple[Any, ...]:
    import gradio as gr

    jobs, page, said, chosen = look
    listed = gr.update(choices=jobs, value=chosen, visible=bool(jobs))
    return listed, page, said, [jobs, page]


def _active(active: bool) -> Any:
    import gradio as gr

    return gr.update(active=active)
