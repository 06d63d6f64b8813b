"""A job: a long task in the queue, and the kinds of task that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
Kind = Literal["finetune", "train", "learn", "improve"]
Device = Literal["cpu", "cuda"]

STATES: tuple[State, ...] = get_args(State)
KINDS: tuple[Kind, ...] = get_args(Kind)
DEVICES: tuple[Device, ...] = get_args(Device)
OVER: tuple[State, ...] = ("done", "failed", "cancelled")
"""States that a job does not leave by itself."""

STARTS = 3
"""How often a job is begun that is interrupted each time."""

COMMANDS: Mapping[Kind, tuple[str, ...]] = {
    "finetune": ("finetune", "{subject}"),
    "train": ("train", "{subject}"),
    "learn": ("learn", "{subject}"),
    "improve": ("improve",),
}
"""The command line that does each kind's work."""
RESUMED: Mapping[Kind, tuple[str, ...]] = {"finetune": ("--resume",)}
"""What is added when it was begun before; the other kinds go on where they were interrupted of themselves."""


@dataclass(frozen=True)
class Job:
    """A row of the queue.

    Moments are ISO 8601 in UTC, empty before they come. `subject` is a recipe, or a source to learn. `attempts` counts
    how often it was begun, `left` how often it may still be by itself. `result` is the document that the command
    printed, `error` its {kind, message, remedy}.
    """

    id: str
    kind: Kind
    subject: str
    state: State
    device: Device
    principal: str
    created_at: str
    started_at: str = ""
    ended_at: str = ""
    attempts: int = 0
    left: int = STARTS
    cancelling: bool = False
    result: Mapping[str, Any] | None = None
    error: Mapping[str, str] | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def waits(self) -> bool:
        """Whether a runner is to take it."""
        return self.state == "queued" or (self.state == "interrupted" and self.left > 0)

    def command(self) -> list[str]:
        """The words of the command line behind `lakewright`."""
        words = (*COMMANDS[self.kind], *(RESUMED.get(self.kind, ()) if self.attempts > 1 else ()))
        return [self.subject if word == "{subject}" else word for word in words]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
