"""The definition files of a home: `features/*.py`. They are code, trusted as what the home's owner wrote."""

from __future__ import annotations

import os
import runpy
import stat
import sys
import traceback
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from data.errors import Forbidden, Invalid
from data.features.definition import FeatureView
from data.features.graph.definition import ConnectedView

FOLDER = "features"


@dataclass(frozen=True)
class Declared:
    """A view and the file that declares it."""

    file: Path
    view: FeatureView | ConnectedView


def load(home: Path) -> tuple[Declared, ...]:
    """All views that the files of a home declare, by file name and in the order of each file.

    Forbidden for a file that somebody else than the caller could have written, as it will run as the caller; Invalid,
    with file and line, for one that fails.
    """
    found: list[Declared] = []
    for file in sorted((home / FOLDER).glob("*.py")):
        _check_own(file)
        found += _declared(file)
    for at, declared in enumerate(found):
        same = next((other for other in found[:at] if other.view.name == declared.view.name), None)
        if same is not None:
            said = f"'{declared.file.name}' declares the view '{declared.view.name}', as '{same.file.name}' does."
            raise Invalid(said, "Rename one.")
    return tuple(found)


def _check_own(file: Path) -> None:
    for path in (file, file.parent):
        found = path.stat()
        if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            said = f"'{path.name}' could have been written by another user, and it would run as you."
            raise Forbidden(said, f"Make it yours alone: chmod go-w '{path}'")


def _declared(file: Path) -> Iterator[Declared]:
    try:
        # What it prints must not stand among the answers of a command.
        with redirect_stdout(sys.stderr):
            names = runpy.run_path(str(file), run_name=f"lakewright_features_{file.stem}")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the file is code, and can fail in any way
        raise Invalid(f"'{file.name}'{_line(file, error)}: {_said(error)}.", "Correct the file.") from None
    seen = {id(value): value for value in names.values() if isinstance(value, (FeatureView, ConnectedView))}
    return (Declared(file, view) for view in seen.values())


def _line(file: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return f", line {lines[-1]}" if lines else ""


def _said(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}".rstrip(". ")
