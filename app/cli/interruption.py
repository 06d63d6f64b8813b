"""Ctrl-C in a command that a model, a query or a program keeps busy: it ends at once, whatever is under way."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from app.cli.command import fail

if TYPE_CHECKING:
    from agents.code.abort import Abort

GRACE = 1.0
"""Seconds in which what was begun may end in order."""
INTERRUPTED = 130


@contextmanager
def interruptible(as_json: bool) -> Iterator[Abort]:
    """What is stopped by Ctrl-C. Python itself hears of the signal only between two of its steps, which a model or an
    import can keep apart for many seconds; so a thread waits for it, and ends the process when that has had time.

    Nothing is lost by it: what is kept is kept in one piece, and a program in the sandbox ends with this process."""
    from agents.code.abort import Abort

    abort, leaving = Abort(), threading.Lock()
    if threading.current_thread() is not threading.main_thread():
        yield abort
        return
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(ours, abort, leaving, as_json), name="interruption", daemon=True).start()
    try:
        yield abort
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) or abort.event.is_set():
            _leave(leaving, as_json)
        raise
    finally:
        signal.set_wakeup_fd(before)
        theirs.close()


def _wait(ours: socket.socket, abort: Abort, leaving: threading.Lock, as_json: bool) -> None:
    with ours:
        while heard := ours.recv(1):
            if heard[0] == signal.SIGINT:
                abort.cancel()
                ours.settimeout(GRACE)
                _grace(ours)
                _leave(leaving, as_json)


def _grace(ours: socket.socket) -> None:
    """Wait until the time is over, or Ctrl-C comes once more."""
    try:
        ours.recv(1)
    except TimeoutError:
        return


def _leave(leaving: threading.Lock, as_json: bool) -> NoReturn:
    """Say it once, and go: threads that still compute are not waited for."""
    leaving.acquire()
    fail("interrupted", "Interrupted.", "", as_json, code=INTERRUPTED)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
