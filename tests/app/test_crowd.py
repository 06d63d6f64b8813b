"""Many callers at once, each with rows of its own, on a real server."""

from __future__ import annotations

from app import crowd


def test_each_of_many_callers_gets_its_own_rows_and_no_others() -> None:
    found = crowd.gather(callers=24, seconds=4, say=lambda _: None)
    assert (found["wrong"], found["errors"]) == (0, {})
    assert found["answered"] >= 24
    assert found["answered"] + found["refused"] == found["requests"]
