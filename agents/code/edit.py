"""A program set into a file of somebody's project: shown as a diff first, then written all at once."""

from __future__ import annotations

import difflib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from data.errors import Forbidden, Invalid

LARGE = 1_000_000
KEPT = 0.5
"""The share of a file's lines that a program must have to be that file, changed; with fewer it goes behind them."""


@dataclass(frozen=True)
class Edit:
    """`old` is the file as it was, `new` as it will be."""

    path: Path
    old: str
    new: str

    @property
    def diff(self) -> str:
        """What changes, as a unified diff."""
        before, after = (text.splitlines(keepends=True) for text in (self.old, self.new))
        name = self.path.name
        lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def apply(self, root: Path) -> None:
        """Write the file. Invalid where it has changed since the diff was made: what was shown is what is written."""
        target = placed(root, self.path)
        if read(target) != self.old:
            raise Invalid(f"'{self.path.name}' has changed since.", "Look at the difference again.")
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        try:
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
                file.write(self.new.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).chmod(mode)
            os.replace(file.name, target)
        except OSError as error:
            raise Invalid(f"'{self.path}' can't be written: {error.strerror}.", "Name another file.") from None


def placed(root: Path, path: Path) -> Path:
    """The file's place. Forbidden outside the folder `root`, and where a link could lead outside."""
    base = root.resolve()
    whole = path if path.is_absolute() else base / path
    if ".." in path.parts or not whole.is_relative_to(base):
        raise Forbidden(f"'{path}' is not in the working folder.", "Name a file within it.")
    for part in (whole, *whole.parents):
        if part == base:
            break
        if part.is_symlink():
            raise Forbidden(f"'{part.name}' is a link.", "Name the file that it leads to.")
    if whole.exists() and not whole.is_file():
        raise Invalid(f"'{path}' is no file.", "Name a file.")
    if not whole.parent.is_dir():
        raise Invalid(f"There is no folder '{path.parent}'.", "Make it first.")
    return whole


def read(path: Path) -> str:
    """A file's text; "" where there is none."""
    if not path.exists():
        return ""
    try:
        if path.stat().st_size > LARGE:
            raise Invalid(f"'{path.name}' is too large to be changed.", "Name a smaller file.")
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Invalid(f"'{path.name}' can't be read as text.", "Name a text file.") from None


def edit(root: Path, path: Path, code: str) -> Edit:
    """The change that puts a program into a file: in its place where it is the file changed, else behind what is
    there."""
    old = read(placed(root, path))
    ended = code if code.endswith("\n") or not code else f"{code}\n"
    if not old.strip() or _is_it(old, code):
        return Edit(path, old, ended)
    return Edit(path, old, f"{old.rstrip()}\n\n\n{ended}")


def _is_it(old: str, code: str) -> bool:
    kept = {line.strip() for line in code.splitlines()}
    lines = [line.strip() for line in old.splitlines() if line.strip()]
    return sum(line in kept for line in lines) >= KEPT * len(lines)
