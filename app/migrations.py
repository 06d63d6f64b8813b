"""The format of a home, and the steps from each format to the next."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import Invalid, Unavailable

MARKER = "home.json"
BACKUPS = "backups"
PRIVATE = ("*.sqlite", "*.yaml", "*.json", "*.db", "*.salt")


class Marker(BaseModel):
    """What the home says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = Field(ge=0)


@dataclass(frozen=True)
class Migration:
    """A step to the next format. `apply` may be run again where it was cut off; `touches` are the patterns of the files
    that it changes, which are backed up before."""

    name: str
    apply: Callable[[Path], None]
    touches: tuple[str, ...] = ()


def keep_private(home: Path) -> None:
    """Take the rights of others on the home's own files away."""
    for pattern in PRIVATE:
        for path in home.glob(pattern):
            if path.is_file() and not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)


def name_threads(home: Path) -> None:
    """Say in each conversation of the chat which thread the agent remembers it by: until now its own id."""
    from app.conversations import FILE

    if not (home / FILE).is_file():
        return
    with closing(sqlite3.connect(home / FILE, timeout=30, isolation_level=None)) as chats:
        chats.execute("BEGIN IMMEDIATE")
        columns = {row[1] for row in chats.execute("PRAGMA table_info(conversations)")}
        if columns and "thread" not in columns:
            chats.execute("ALTER TABLE conversations ADD COLUMN thread TEXT NOT NULL DEFAULT ''")
            chats.execute("UPDATE conversations SET thread = id")
        chats.execute("COMMIT")


MIGRATIONS: tuple[Migration, ...] = (
    Migration("the home's files are private", keep_private),
    Migration("conversations name their threads", name_threads, ("chats.sqlite",)),
)
FORMAT = len(MIGRATIONS)
"""The format that this program reads and writes."""


def format_of(home: Path) -> int:
    """The home's format: 0 for one from before formats had numbers. Invalid where its marker can't be read."""
    path = home / MARKER
    try:
        return Marker.model_validate(json.loads(path.read_text(encoding="utf-8"))).format
    except FileNotFoundError:
        return 0
    except (ValidationError, ValueError, OSError) as error:
        raise Invalid(f"'{path}' can't be read.", f'Write {{"format": {FORMAT}}} into it if you know it.') from error


def mark(home: Path, number: int = FORMAT) -> None:
    """Say that the home has this format."""
    draft = home / f"{MARKER}.{os.getpid()}.new"
    draft.write_text(json.dumps({"format": number}) + "\n", encoding="utf-8")
    draft.chmod(0o600)
    os.replace(draft, home / MARKER)


def migrate(home: Path, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[str, ...]:
    """Bring the home to the newest format; the steps that were taken. A step that was cut off is taken again.

    Invalid for a home of a newer format; Unavailable where only its owner can bring it up to date."""
    found = format_of(home)
    if found > len(migrations):
        said = f"'{home}' has format {found}; this Lakewright knows formats up to {len(migrations)}."
        raise Invalid(said, "Upgrade Lakewright, or restore a back-up that an older one made.")
    if found == len(migrations):
        return ()
    if home.stat().st_uid != os.getuid():
        raise Unavailable(f"'{home}' has the old format {found}.", "Its owner has to open it once: lakewright doctor.")
    return _migrated(home, migrations)


def _migrated(home: Path, migrations: Sequence[Migration]) -> tuple[str, ...]:
    from filelock import FileLock

    taken = []
    with FileLock(home / ".migrate.lock"):
        for number in range(format_of(home), len(migrations)):
            step = migrations[number]
            _keep(home, step, number)
            step.apply(home)
            mark(home, number + 1)
            taken.append(step.name)
    return tuple(taken)


def _keep(home: Path, step: Migration, number: int) -> None:
    """Back up what the step will change, unless a run that was cut off has done so."""
    from app.backup import contents
    from app.backup.making import pack

    file = home / BACKUPS / f"format-{number}.tar.zst"
    if not step.touches or file.exists():
        return
    file.parent.mkdir(mode=0o700, exist_ok=True)
    parts = [part for part in contents.parts(home) if any(part.path.match(pattern) for pattern in step.touches)]
    pack(home, file, parts)
