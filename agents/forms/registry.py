"""The forms of a home, and what is remembered of each."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from agents.forms.binding import Binding, from_text
from agents.forms.flatten import fields_of
from agents.forms.form import Form
from agents.forms.hints import Hints
from agents.forms.reading import check
from agents.ledger import Ledger
from data.errors import Invalid, NotFound

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
RESERVED = ("fillings",)
"""Names under which the programming interface has something else."""
MOST_BYTES = 20_000_000
"""Bytes of the file that a form came as."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS forms (
    name TEXT NOT NULL, version INTEGER NOT NULL, schema TEXT NOT NULL, hints TEXT NOT NULL, media TEXT NOT NULL,
    file BLOB NOT NULL, added_by TEXT NOT NULL, added_at TEXT NOT NULL, PRIMARY KEY (name, version)
);
CREATE TABLE IF NOT EXISTS bindings (
    form TEXT NOT NULL, version INTEGER NOT NULL, path TEXT NOT NULL, subject TEXT NOT NULL, sight TEXT NOT NULL,
    binding TEXT NOT NULL, confirmed_by TEXT NOT NULL, confirmed_at TEXT NOT NULL,
    PRIMARY KEY (form, version, path, subject, sight)
);
CREATE TABLE IF NOT EXISTS corrections (
    form TEXT NOT NULL, version INTEGER NOT NULL, path TEXT NOT NULL, offered TEXT NOT NULL, chosen TEXT NOT NULL,
    corrected_by TEXT NOT NULL, corrected_at TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Correction:
    """A field whose binding a person did not take. `chosen` is the one that they took instead, None for a value of
    their own."""

    path: str
    offered: Binding | None
    chosen: Binding | None


class FormRegistry:
    """Forms by name and version, their remembered bindings, and the corrections from which a model may learn."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path, _SCHEMA)

    def add(
        self, name: str, schema: Mapping[str, Any], hints: Hints, by: str, *, media: str = "", file: bytes = b""
    ) -> Form:
        """Keep a form; the same again is the same version. Invalid for a name or schema that can't be used."""
        if not NAME.fullmatch(name):
            remedy = "Use up to 64 lower-case letters, digits, '-' and '_', such as 'loan-application'."
            raise Invalid(f"'{name[:80]}' is no name for a form.", remedy)
        if name in RESERVED:
            raise Invalid(f"'{name}' can't be the name of a form: fillings are found under it.", "Use another name.")
        if len(file) > MOST_BYTES:
            raise Invalid(f"The file has {len(file):,} bytes; {MOST_BYTES:,} are the most.", "Split the form.")
        check(schema, name)
        fields_of(schema, hints, name)
        texts = json.dumps(schema, ensure_ascii=False), hints.model_dump_json(exclude_defaults=True)
        with self._ledger.session() as db:
            newest = _newest(db, name)
            if newest is None or (newest["schema"], newest["hints"], bytes(newest["file"])) != (*texts, file):
                version = 1 if newest is None else newest["version"] + 1
                row = (name, version, *texts, media, file, by, _now())
                db.execute("INSERT INTO forms VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return self.get(name)

    def get(self, name: str, version: int | None = None) -> Form:
        """A form, its newest version by default; NotFound otherwise."""
        with self._ledger.session() as db:
            if version is None:
                row = _newest(db, name)
            else:
                query = "SELECT * FROM forms WHERE name = ? AND version = ?"
                row = db.execute(query, (name, version)).fetchone()
        if row is None:
            which = f"'{name}'" if version is None else f"'{name}' version {version}"
            raise NotFound(f"There is no form {which}.", "See: lakewright forms list")
        return _form(name, row["version"], row["schema"], row["hints"], row["media"], bytes(row["file"]))

    def list(self) -> tuple[Form, ...]:
        """The newest version of each form, by name."""
        with self._ledger.session() as db:
            names = [row["name"] for row in db.execute("SELECT DISTINCT name FROM forms ORDER BY name").fetchall()]
        return tuple(self.get(name) for name in names)

    def remove(self, name: str) -> None:
        """Forget a form with all its versions and bindings; what was signed stays. NotFound where there is none."""
        self.get(name)
        with self._ledger.session() as db:
            db.execute("DELETE FROM bindings WHERE form = ?", (name,))
            db.execute("DELETE FROM forms WHERE name = ?", (name,))

    def remembered(self, form: Form, subject: str, sight: str) -> dict[str, Binding]:
        """The confirmed bindings of a form about rows of the table `subject`. `sight` stands for what the caller sees:
        that nothing was found is remembered for those alone who see the same."""
        query = """SELECT path, binding FROM bindings
        WHERE form = ? AND version = ? AND subject = ? AND sight IN ('', ?) ORDER BY sight DESC"""
        with self._ledger.session() as db:
            rows = db.execute(query, (form.name, form.version, subject, sight)).fetchall()
        return {row["path"]: from_text(row["binding"]) for row in rows}

    def confirmed(self, form: Form) -> dict[str, Binding]:
        """The confirmed bindings of a form, whatever it was about."""
        query = "SELECT path, binding FROM bindings WHERE form = ? AND version = ? ORDER BY confirmed_at"
        with self._ledger.session() as db:
            rows = db.execute(query, (form.name, form.version)).fetchall()
        return {row["path"]: from_text(row["binding"]) for row in rows}

    def subject(self, form: Form) -> str:
        """The table that signed fillings of a form were about; "" where there are none."""
        query = "SELECT subject FROM bindings WHERE form = ? AND version = ? LIMIT 1"
        with self._ledger.session() as db:
            row = db.execute(query, (form.name, form.version)).fetchone()
        return row["subject"] if row else ""

    def confirm(self, form: Form, subject: str, sight: str, bindings: Mapping[str, Binding], by: str) -> None:
        """Remember bindings that a person has signed. One that is found again replaces that nothing was found."""
        with self._ledger.session() as db:
            for path, binding in bindings.items():
                db.execute(
                    "INSERT OR REPLACE INTO bindings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        form.name, form.version, path, subject, sight if binding.way == "person" else "",
                        binding.as_text(), by, _now(),
                    ),
                )  # fmt: skip

    def correct(self, form: Form, subject: str, corrections: Sequence[Correction], by: str) -> None:
        """Keep what a person did not take, and forget it as a binding."""
        with self._ledger.session() as db:
            for one in corrections:
                texts = (one.offered.as_text() if one.offered else "", one.chosen.as_text() if one.chosen else "")
                values = (form.name, form.version, one.path, *texts, by, _now())
                db.execute("INSERT INTO corrections VALUES (?, ?, ?, ?, ?, ?, ?)", values)
                key = (form.name, form.version, one.path, subject)
                db.execute("DELETE FROM bindings WHERE form = ? AND version = ? AND path = ? AND subject = ?", key)

    def corrections(self, name: str) -> tuple[Correction, ...]:
        """All corrections of a form, oldest first."""
        query = "SELECT path, offered, chosen FROM corrections WHERE form = ? ORDER BY rowid"
        with self._ledger.session() as db:
            rows = db.execute(query, (name,)).fetchall()
        return tuple(Correction(row["path"], _bound(row["offered"]), _bound(row["chosen"])) for row in rows)


def _bound(text: str) -> Binding | None:
    return from_text(text) if text else None


def _newest(db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    query = "SELECT * FROM forms WHERE name = ? ORDER BY version DESC LIMIT 1"
    found: sqlite3.Row | None = db.execute(query, (name,)).fetchone()
    return found


@lru_cache(maxsize=64)
def _form(name: str, version: int, schema: str, hints: str, media: str, file: bytes) -> Form:
    document, read = json.loads(schema), Hints.model_validate_json(hints)
    title = read.title or str(document.get("title") or name)
    about = str(document.get("description") or "")
    return Form(name, version, title, about, fields_of(document, read, name), document, read, media, file)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
