"""Queries over semantic names give, over what is stored, the rows that they give over a clean copy: what is only shown
as it is stored, what is computed as it is meant. Behind each form stands what its outputs show."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.agents.semantic.awful import KINDS, Awful, Kind, Place

FORMS = [line.split(" -- ") for line in Path(__file__).with_name("forms.sql").read_text("utf-8").splitlines()]
COMPUTED, GERMAN = KINDS["text"], KINDS["German day"]


def _names(t: Place, u: Place, random: Random) -> dict[str, str]:
    def pick(place: Place, group: str) -> str:
        return random.choice(place.columns[group])

    d, e = random.sample(t.columns["time"], 2)
    return {
        "t": t.name, "tn": t.name.split(".")[1], "k": t.key, "l": t.parent, "d": d, "e": e, "f": pick(t, "flag"),
        "g": pick(t, "flag"), "x": pick(t, "number"), "y": pick(t, "number"), "s": pick(t, "text"),
        "u": u.name, "un": u.name.split(".")[1], "uk": u.key, "ul": u.parent, "ud": pick(u, "time"),
        "us": pick(u, "text"), "ux": pick(u, "number"),
    }  # fmt: skip


def _kinds(said: str, names: dict[str, str], t: Place, u: Place) -> list[Kind]:
    """The kinds of columns that are only shown; text for what is computed."""
    if said == "*":
        return list(t.kinds.values())
    if "=" in said:
        first, second = (t.kinds[names[name]] for name in said.split("="))
        return [first if first is second and first is not GERMAN else COMPUTED]
    return [COMPUTED if name == "-" else (u if name[0] == "u" else t).kinds[names[name]] for name in said.split()]


@pytest.mark.parametrize("seed", range(12))
def test_a_query_gives_the_rows_of_a_clean_copy(seed: int) -> None:
    random = Random(seed)
    awful = Awful(random)
    for form, said in FORMS:
        names = _names(awful.child, awful.parent, random)
        sql = form.format(**names)
        kinds = _kinds(said, names, awful.child, awful.parent)
        meant = awful.clean.execute(sql).fetchall()
        wanted = [tuple(kind.kept(value) for kind, value in zip(kinds, row, strict=True)) for row in meant]
        stored = awful.semantic.stored(sql)
        assert awful.stored.execute(stored).fetchall() == wanted, f"{sql}\n{stored}"
        read = awful.semantic.read(sql)
        assert awful.stored.execute(read).fetchall() == meant, f"{sql}\n{read}"
