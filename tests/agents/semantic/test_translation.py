"""Queries over semantic names give, over what is stored, the rows that they give over a clean copy."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.agents.semantic.awful import Awful, Place

FORMS = Path(__file__).with_name("forms.sql").read_text("utf-8").splitlines()


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


@pytest.mark.parametrize("seed", range(12))
def test_a_query_gives_the_rows_of_a_clean_copy(seed: int) -> None:
    random = Random(seed)
    awful = Awful(random)
    for form in FORMS:
        sql = form.format(**_names(awful.child, awful.parent, random))
        wanted = awful.clean.execute(sql).fetchall()
        stored = awful.semantic.stored(sql)
        assert awful.stored.execute(stored).fetchall() == wanted, f"{sql}\n{stored}"
