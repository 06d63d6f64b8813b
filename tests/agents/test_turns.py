"""One after another, whichever process they are in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agents import turns
from agents.turns import Turns
from data.errors import Busy

HOLD = """
import sys, time
from pathlib import Path
from agents.turns import Turns
with Turns(Path(sys.argv[1]), "filling").of("a"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_turn_holds_in_another_process_and_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Busy, match="worked on"), Turns(tmp_path, "filling").of("a"):
        pass
    holder.kill()
    holder.communicate()
    monkeypatch.setattr(turns, "PATIENCE", 30.0)
    with Turns(tmp_path, "filling").of("a"), Turns(tmp_path, "filling").of("another"):
        pass
