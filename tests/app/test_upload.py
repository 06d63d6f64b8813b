"""What a browser hands over as a form's file."""

from __future__ import annotations

import base64
import json

import pytest

from app.ui.upload import MOST_BYTES, content
from data.errors import Invalid


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ('{"missing": true}', "No file"), ("", "No file"), ("[]", "No file"), ('{"file": "%%"}', "No file"),
        ('{"file": 7}', "No file"), ("[" * 100_000, "No file"), ('{"bytes": 9000000}', "larger than"),
        (json.dumps({"file": base64.b64encode(b"x" * (MOST_BYTES + 1)).decode()}), "larger than"),
    ],
)  # fmt: skip
def test_what_is_no_file_is_refused(told: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        content(told)


def test_a_file_is_what_was_handed_over() -> None:
    assert content(json.dumps({"file": base64.b64encode(b"{}").decode()})) == b"{}"
