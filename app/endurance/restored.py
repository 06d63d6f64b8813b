"""What was acknowledged, looked for in a new home that was made from a back-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.settings import Settings
from data.errors import DataError

if TYPE_CHECKING:
    from app.assembly import Lakewright


def restored(place: Path, new: Path) -> Lakewright:
    """The home that a back-up of `place` gives, open."""
    from app.assembly import Lakewright
    from app.backup import back_up, restore

    archive = new.with_suffix(".tar.zst")
    back_up(place, archive)
    restore(archive, new)
    return Lakewright.open(Settings.load(new))


def missed(
    home: Lakewright,
    answers: Mapping[str, tuple[str, str]],
    fields: Mapping[str, str],
    jobs: Sequence[str],
    filler: str,
) -> Iterator[str]:
    """What the home does not have as it was acknowledged: `answers` are (principal, SQL) by their ids, and each has to
    give the very same rows again; `fields` are the notes in fillings of `filler`."""
    from agents.replay import replay
    from app.jobs import store

    for name, (principal, sql) in answers.items():
        try:
            found = replay(home.answers, home.gateway, home.principal(principal), name)
        except DataError as error:
            yield f"restored: the answer {name}: {error}"
            continue
        if not found.identical or found.changed or found.given.sql != sql:
            yield f"restored: the answer {name} gives {str(found.rows)[:80]}"
    for name, notes in fields.items():
        yield from _unlike(f"the filling {name}", notes, lambda n=name: _notes(home, filler, n))
    for name in jobs:
        yield from _unlike(f"the job {name}", name, lambda n=name: store(home).get(n).id)


def _notes(home: Lakewright, filler: str, name: str) -> Any:
    return home.forms.get(home.principal(filler), name).as_json()["values"].get("notes")


def _unlike(what: str, wanted: str, look: Any) -> Iterator[str]:
    try:
        found = look()
    except DataError as error:
        found = error
    if found != wanted:
        yield f"restored: {what} has {str(found)[:80]}"
