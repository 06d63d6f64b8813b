"""A stream's declaration in YAML: checked as the home's own streams file is. There is nothing to run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from agents.code.ran import Ran
from agents.code.state import Check, Task
from data.document import Document
from data.errors import Invalid
from data.streams.declaration import FILE, Streams, checked_streams, load_broker

if TYPE_CHECKING:
    from agents.code.desk import Desk

SCHEMA = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*")
LONGEST = 50_000


class Stream:
    """One or several streams. The broker is the home's: a text that names another one, or a secret, is refused."""

    def check(self, code: str, task: Task, desk: Desk) -> list[Check]:
        found = declared(code, desk)
        told = ", ".join(f"{stream.topic} -> {stream.target} ({stream.mode})" for stream in found.streams)
        return [Check("declares", "ok", told)]

    def run(self, code: str, task: Task, desk: Desk) -> Ran:
        import pyarrow as pa

        found = declared(code, desk).streams
        rows = [{"stream": s.name, "topic": s.topic, "target": s.target, "mode": s.mode} for s in found]
        return Ran(pa.Table.from_pylist(rows))


def declared(code: str, desk: Desk) -> Streams:
    """What a text declares; Invalid names the line of what is wrong."""
    if len(code) > LONGEST or "${" in code:
        raise Invalid("The declaration is too long, or takes a value from elsewhere with '${'.", "Leave that out.")
    text = code if re.search(r"^streams:", code, re.MULTILINE) else f"streams:\n{code}"
    if re.search(r"^broker:", text, re.MULTILINE):
        raise Invalid("The declaration names a broker.", "Leave `broker` out: it is that of the home.")
    if not re.search(r"^version:", text, re.MULTILINE):
        text = f"version: 1\n{text}"
    document = Document.parse(desk.home / FILE, f"{text.rstrip()}\nbroker: {{servers: unused}}\n")
    _refuse_tricks(document)
    streams = checked_streams(document, desk.visible, load_broker(desk.home / FILE))
    if not streams.streams:
        raise Invalid("The text declares no stream.", "List at least one under `streams`.")
    return streams


def _refuse_tricks(document: Document) -> None:
    """A schema's path may not lead out of the home; and aliases can make a short text a huge one."""
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(document.text, Loader=yaml.SafeLoader)):
        raise Invalid("The declaration has an alias ('*').", "Write each value where it stands.")
    data = document.data if isinstance(document.data, dict) else {}
    listed = data.get("streams")
    for at, one in enumerate(listed if isinstance(listed, list) else []):
        schema = one.get("schema") if isinstance(one, dict) else None
        if isinstance(schema, str) and (not SCHEMA.fullmatch(schema) or ".." in Path(schema).parts):
            said = f"'{schema[:80]}' leads elsewhere."
            raise document.invalid(("streams", at, "schema"), said, "Name a file of the home.")
