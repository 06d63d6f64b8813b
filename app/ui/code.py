"""The room of code: say what a program should do, read it, change it, run it, approve what it would write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.ui import program, render
from app.ui.rooms import Rooms
from app.ui.session import signed_in
from data.errors import DataError

if TYPE_CHECKING:
    from agents.code.state import Delivery
    from app.assembly import Lakewright
    from app.ui.session import Visit

AT_ONCE = 4
LANGUAGES = [
    ("SQL", "sql"), ("PySpark", "pyspark"), ("Python", "python"), ("Feature view", "feature"),
    ("Stream", "stream"), ("dbt model", "dbt"),
]  # fmt: skip
MODES = [("Run it", "run"), ("Ask before each run", "ask"), ("Plan only", "plan")]
COLOURS = {"sql": "sql", "dbt": "sql", "stream": "yaml"}


@dataclass(frozen=True)
class Work:
    """The task that is open."""

    code_id: str = ""
    waits: bool = False


class Programs:
    """What happens in the room; each method gives (work, editor, live, approval group)."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._lakewright = lakewright

    def write(self, task: str, language: str, mode: str, visit: Visit, code: str) -> Iterator[tuple[Any, ...]]:
        """Write a program; the editor keeps what is in it until there is another."""
        from agents.code.state import Attempt, Delivery, Step

        steps: list[tuple[str, str]] = []
        attempts: list[Attempt] = []
        try:
            principal = signed_in(self._lakewright, visit)
            yield _shown(Work(), code, language, program.progress(task, steps, attempts))
            coder, thread = self._lakewright.coder, visit.thread
            for event in coder.stream(principal, task, language=language, mode=mode, thread=thread):
                match event:
                    case Delivery():
                        yield _delivered(event, code)
                        return
                    case Step():
                        steps.append((event.name, event.detail))
                    case Attempt():
                        attempts.append(event)
                yield _shown(Work(), code, language, program.progress(task, steps, attempts))
        except DataError as error:
            yield _shown(Work(), code, language, render.notice(error.message, error.remedy))

    def run(self, language: str, visit: Visit, work: Work, code: str) -> tuple[Any, ...]:
        """Run what is in the editor."""
        try:
            principal = signed_in(self._lakewright, visit)
            found = self._lakewright.coder.run(principal, code, language=language)
        except DataError as error:
            return _shown(work, code, language, render.notice(error.message, error.remedy))
        return _shown(work, code, language, program.outcome(found))

    def decide(self, approve: bool, language: str, visit: Visit, work: Work, code: str) -> tuple[Any, ...]:
        """Say whether what waits may go on."""
        try:
            principal = signed_in(self._lakewright, visit)
            return _delivered(self._lakewright.coder.resume(principal, work.code_id, approve), code)
        except DataError as error:
            return _shown(work, code, language, render.notice(error.message, error.remedy))


class Bench:
    """The room's components."""

    def __init__(self, lakewright: Lakewright) -> None:
        self._programs = Programs(lakewright)

    def place(self) -> Any:
        """Their column, hidden until somebody goes there."""
        import gradio as gr

        with gr.Column(visible=False, elem_id="code") as column:
            with gr.Row():
                self._language = gr.Dropdown(LANGUAGES, value="sql", label="Language", elem_id="code-language", scale=1)
                self._mode = gr.Dropdown(MODES, value="run", label="When it is written", elem_id="code-mode", scale=1)
            asked, such_as = "What should the program do?", "Revenue by country and month, for captured payments"
            self._task = gr.Textbox(label=asked, placeholder=such_as, elem_id="code-task", lines=2, max_lines=6)
            self._write = gr.Button("Write", variant="primary", elem_id="code-write")
            look: dict[str, Any] = {"language": "sql", "label": "Program", "elem_id": "code-editor"}
            # Gradio's button for downloads is a button in a link: no keyboard gets out of it.
            self._editor = gr.Code("", **look, interactive=True, buttons=["copy"])
            self._run = gr.Button("Run what is in the editor", elem_id="code-run")
            with gr.Row(visible=False, elem_id="code-approval") as self._approval:
                self._approve = gr.Button("Approve", variant="primary", elem_id="code-approve")
                self._deny = gr.Button("Do not allow", elem_id="code-deny")
            self._live = gr.HTML(elem_id="code-live")
            self._work = gr.State(Work())
        return column

    def wire(self, rooms: Rooms, visit: Any, private: dict[str, Any]) -> None:
        """Writing, running and deciding."""
        outputs = [self._work, self._editor, self._live, self._approval]
        bounds: dict[str, Any] = {"concurrency_limit": AT_ONCE, "concurrency_id": "code", **private}
        asked = [self._task, self._language, self._mode, visit, self._editor]
        for start in (self._write.click, self._task.submit):
            start(self._programs.write, asked, outputs, **bounds)
        given = [self._language, visit, self._work, self._editor]
        self._run.click(self._programs.run, given, outputs, **bounds)
        for button, approve in ((self._approve, True), (self._deny, False)):
            button.click(_decision(self._programs, approve), given, outputs, **bounds)

    def close(self, after: Any, private: dict[str, Any]) -> None:
        """After signing out nothing is left in the room."""
        outputs = [self._work, self._editor, self._live, self._approval, self._task]
        after.then(lambda: (*_shown(Work(), "", "sql", ""), ""), None, outputs, **private)


def _decision(programs: Programs, approve: bool) -> Any:
    def decide(language: str, visit: Visit, work: Work, code: str) -> tuple[Any, ...]:
        return programs.decide(approve, language, visit, work, code)

    return decide


def _delivered(delivery: Delivery, code: str) -> tuple[Any, ...]:
    work = Work(delivery.code_id, delivery.status == "approve")
    return _shown(work, delivery.code or code, delivery.language, program.outcome(delivery))


def _shown(work: Work, code: str, language: str, live: str) -> tuple[Any, ...]:
    import gradio as gr

    editor = gr.update(value=code, language=COLOURS.get(language, "python"))
    return work, editor, live, gr.update(visible=work.waits)
