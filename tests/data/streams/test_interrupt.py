"""The flag that a signal sets, and the handlers as they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from data.streams.interrupt import interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_sets_the_flag(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with interruption() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(10)
    assert signal.getsignal(number) is before


def twice() -> None:
    with interruption() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(10)
        os.kill(os.getpid(), signal.SIGINT)
        stop.clear()
        stop.wait(10)


def test_the_second_one_is_not_held_back() -> None:
    with pytest.raises(KeyboardInterrupt):
        twice()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


HELD = """
import os, signal
from data.streams.interrupt import interruption
with interruption() as stop:
    with stop._cond:
        os.kill(os.getpid(), signal.SIGINT)
    assert stop.wait(10)
"""


def test_a_signal_while_the_main_thread_holds_the_flags_lock_ends_too() -> None:
    assert subprocess.run([sys.executable, "-c", HELD], timeout=30, check=False).returncode == 0
