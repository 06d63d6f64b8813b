"""LLaMA-Factory's side of the comparison. It runs in an environment that has it, and nothing of Lakewright's.

    python factory_side.py JOB

JOB is a JSON document: `settings` as LLaMA-Factory's own files have them, `rows` ({system, user, answer} each), and the
`turn` and `end` of a message. Prints one JSON document: when each step ended, and the peak memory in MB.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

COLUMNS = {"system": "system", "prompt": "user", "response": "answer"}


def lay(folder: Path, rows: list[dict[str, str]]) -> None:
    """The rows as a data set of LLaMA-Factory's."""
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    about = {"rows": {"file_name": "rows.json", "columns": COLUMNS}}
    (folder / "dataset_info.json").write_text(json.dumps(about), encoding="utf-8")


def speak(name: str, turn: str, end: str) -> None:
    """A template that writes the very tokens of ours."""
    from llamafactory.data.formatter import StringFormatter  # type: ignore[import-not-found]
    from llamafactory.data.template import register_template  # type: ignore[import-not-found]

    def said(role: str, after: str) -> Any:
        return StringFormatter(slots=[f"{turn}{role}\n{{{{content}}}}{end}\n{after}"])

    answer = StringFormatter(slots=[f"{{{{content}}}}{end}"])
    register_template(
        name=name,
        format_system=said("system", ""),
        format_user=said("user", f"{turn}assistant\n"),
        format_assistant=answer,
        stop_words=[end],
        replace_eos=True,
    )


def train(settings: dict[str, Any]) -> list[tuple[float, float]]:
    """When each step ended, by the clock and by the processor time of the process."""
    from llamafactory.train.tuner import run_exp  # type: ignore[import-not-found]
    from transformers import TrainerCallback

    ends: list[tuple[float, float]] = []

    class Stopwatch(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            ends.append((time.perf_counter(), time.process_time()))

    run_exp(settings, [Stopwatch()])
    return ends


def main(file: str) -> None:
    job = json.loads(Path(file).read_text(encoding="utf-8"))
    settings = job["settings"]
    lay(Path(settings["dataset_dir"]), job["rows"])
    speak(settings["template"], job["turn"], job["end"])
    ends = train(settings)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    sys.stdout.write(json.dumps({"ends": ends, "peak_mb": peak}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
