"""What all commands share: three options, one JSON document or readable text, and the way errors leave."""

from __future__ import annotations

import functools
import inspect
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.exceptions import TyperException

from data.errors import DataError, Forbidden

if TYPE_CHECKING:
    from rich.console import Console

    from app.assembly import Lakewright
    from app.settings import Settings
    from data.policy import Principal

EXIT_CODES = {"invalid": 2, "forbidden": 3, "not_found": 4, "unavailable": 5, "busy": 5}

HomeOption = Annotated[
    Path | None, typer.Option("--home", metavar="DIR", help="The home folder.  [default: .lakewright]")
]
AsOption = Annotated[
    str | None, typer.Option("--as", metavar="PRINCIPAL", help="Act as this principal.  [default: owner]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
SHARED = {"home": (HomeOption, None), "as_name": (AsOption, None), "as_json": (JsonOption, False)}


@dataclass(frozen=True)
class Shown:
    """What a command gives back: a document for programs, and how to say it to people."""

    document: Mapping[str, Any]
    human: Callable[[Console], None]
    exit_code: int = 0


@dataclass(frozen=True)
class Session:
    """One run of one command: where, as whom, and how the result is printed."""

    home: Path | None
    as_name: str | None
    as_json: bool

    @cached_property
    def settings(self) -> Settings:
        from app.settings import Settings

        return Settings.load(self.home)

    @cached_property
    def lakewright(self) -> Lakewright:
        """The open home; only its owner may use the command line on it."""
        from app import home
        from app.assembly import Lakewright

        opened = Lakewright.open(self.settings)
        home.require_owner(self.settings.home)
        return opened

    @property
    def name(self) -> str:
        return self.as_name or self.settings.principal

    @cached_property
    def principal(self) -> Principal:
        return self.lakewright.principal(self.name)

    def administer(self, task: str) -> Lakewright:
        """The open home, for what only its administrator may do; Forbidden for anybody else."""
        principal, chief = self.principal, self.settings.principal
        if not self.lakewright.administers(principal.name):
            raise Forbidden(f"'{principal.name}' may not {task}.", f"Only '{chief}' may; leave out --as.")
        return self.lakewright

    def say(self, text: str) -> None:
        """Progress, for people: never on stdout."""
        print(clean(text), file=sys.stderr, flush=True)

    def show(self, shown: Shown) -> None:
        if self.as_json:
            print(json.dumps(shown.document, ensure_ascii=False, allow_nan=False), flush=True)
        else:
            from rich.console import Console

            shown.human(Console(highlight=False, soft_wrap=False))


def command(group: typer.Typer, name: str, **options: Any) -> Callable[[Callable[..., Shown]], Callable[..., Shown]]:
    """Register a function `(session, …) -> Shown` as a command that also takes --home, --as and --json."""

    def register(function: Callable[..., Shown]) -> Callable[..., Shown]:
        @functools.wraps(function)
        def run(**arguments: Any) -> int:
            session = Session(*(arguments.pop(shared) for shared in SHARED))
            shown = function(session, **arguments)
            session.show(shown)
            return shown.exit_code

        run.__annotations__, run.__signature__ = _signature(function)  # type: ignore[attr-defined]
        group.command(name, **options)(run)
        return function

    return register


def _signature(function: Callable[..., Shown]) -> tuple[dict[str, Any], inspect.Signature]:
    """The function's own parameters without the session, then the shared options."""
    hints = get_type_hints(function, include_extras=True, localns={"Session": Session})
    own = list(inspect.signature(function).parameters.values())[1:]
    parameters = [p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    for name, (annotation, default) in SHARED.items():
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=annotation))
    return {p.name: p.annotation for p in parameters}, inspect.Signature(parameters, return_annotation=int)


def run(app: typer.Typer, arguments: list[str]) -> int:
    """Run the command line and give its exit code; every failure leaves here, in one or two plain lines."""
    as_json = "--json" in arguments
    try:
        code = app(arguments, standalone_mode=False, prog_name="lakewright")
    except DataError as error:
        return fail(error.kind, error.message, error.remedy, as_json)
    except TyperException as error:
        return usage(error, as_json)
    except BrokenPipeError:
        # The reader has gone; what is still in the buffer must not fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001
        return crash(error, as_json)
    if code == 130:
        return fail("interrupted", "Interrupted.", "", as_json, code=130)
    return int(code or 0)


def usage(error: Exception, as_json: bool) -> int:
    """A command that was typed wrong; with nothing typed, the help is the answer."""
    message = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and not as_json:
        print(message)
        return 2
    path = context.command_path if context is not None else "lakewright"
    pieces = context.command.collect_usage_pieces(context) if context is not None else []
    usage = f"Usage: {' '.join((path, *pieces))}\n  " if pieces else ""
    return fail("invalid", message, f"{usage}See: {path} --help", as_json)


def crash(error: Exception, as_json: bool) -> int:
    """A fault of ours: said in a line, with the way to the traceback."""
    if os.environ.get("LAKEWRIGHT_DEBUG"):
        raise error
    said = f"Something went wrong inside Lakewright: {type(error).__name__}: {error}".rstrip(". ")
    return fail("internal", f"{said}.", "Set LAKEWRIGHT_DEBUG=1 to see where.", as_json)


def fail(kind: str, message: str, remedy: str, as_json: bool, *, code: int | None = None) -> int:
    """Print an error and give its exit code."""
    if as_json:
        print(json.dumps({"error": {"kind": kind, "message": message, "remedy": remedy}}, ensure_ascii=False))
    else:
        lines = [f"lakewright: {clean(message)}", *([f"  {clean(remedy)}"] if remedy else [])]
        print("\n".join(lines), file=sys.stderr)
    return EXIT_CODES.get(kind, 1) if code is None else code


def clean(value: object) -> str:
    """Text without control characters: what comes from data must not steer the terminal."""
    return "".join(
        "�" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") and letter not in "\n\t" else letter
        for letter in str(value)
    )
