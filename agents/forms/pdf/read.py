"""A stranger's PDF as a form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from agents.forms.pdf.schema import schema_of
from agents.forms.pdf.slot import Slot
from data.errors import Invalid, Unavailable

MOST_BYTES = 20_000_000
PATIENCE = 40.0
"""Seconds, of which the process itself computes for half at most."""


@dataclass(frozen=True)
class PdfForm:
    """`schema` says what the form asks for; `file` is the PDF without scripts, attachments and actions."""

    schema: dict[str, Any]
    file: bytes


def read_pdf(file: bytes, name: str) -> PdfForm:
    """The form in a PDF, read by a process that can be stopped. Invalid for one that is broken, encrypted, signed, too
    large, or has no fields."""
    if len(file) > MOST_BYTES:
        raise Invalid(f"'{name}' has {len(file):,} bytes; {MOST_BYTES:,} are the most.", "Split the form.")
    head, _, cleaned = _worked(file, name).partition(b"\n")
    found = json.loads(head)
    if "wrong" in found:
        message, remedy = found["wrong"]
        raise Invalid(f"'{name}' can't be used as a form: {message[0].lower()}{message[1:]}", remedy)
    slots = [Slot.of_json(one) for one in found["slots"]]
    return PdfForm(schema_of(slots, found["title"].strip() or name), cleaned)


def _worked(file: bytes, name: str) -> bytes:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-P", "-m", "agents.forms.pdf.worker"]
    costly = Invalid(f"'{name}' takes too much time or memory to read.", "Save it anew in a PDF reader, or split it.")
    try:
        done = subprocess.run(command, input=file, capture_output=True, timeout=PATIENCE, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise costly from None
    except OSError as error:
        raise Unavailable(f"No process can be started to read '{name}': {error}.", "Free memory.") from None
    if done.returncode != 0 or not done.stdout:
        raise costly
    return done.stdout
