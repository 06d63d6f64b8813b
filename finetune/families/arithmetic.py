"""Numbers that are computed of two columns: ratios, differences, the time between two times; and other units."""

from __future__ import annotations

from itertools import permutations

from agents.columns import measures
from data.catalog import Column
from finetune.comparisons import Pair, time_pairs
from finetune.families.scene import MONEY, Dimension, Found, Scene, added, capital, dimension, in_groups

CONVERSIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "cent": (("dollars", "100.0"), ("euros", "100.0")),
    "s": (("minutes", "60.0"), ("minutes", "60.0"), ("hours", "3600.0")),
    "min": (("hours", "60.0"),),
    "g": (("kilos", "1000.0"), ("kg", "1000.0")),
    "kg": (("tonnes", "1000.0"), ("tons", "1000.0")),
    "m": (("kilometres", "1000.0"), ("km", "1000.0")),
    "ml": (("litres", "1000.0"),),
    "W": (("kilowatts", "1000.0"),),
    "Wh": (("kWh", "1000.0"),),
    "kWh": (("MWh", "1000.0"),),
    "MB": (("GB", "1000.0"),),
}
UNIT_WORDS = {
    "km": "kilometre",
    "kg": "kilo",
    "h": "hour",
    "min": "minute",
    "s": "second",
    "days": "day",
    "ha": "hectare",
}
_FUNCTIONS = {
    "sum": ("total", "total", "overall", "summed"),
    "avg": ("average", "mean", "avg"),
    "max": ("highest", "maximum", "largest", "max"),
    "min": ("lowest", "minimum", "smallest", "min"),
}


def _numbers(scene: Scene) -> list[Column]:
    return [c for c in measures(scene.speaker.catalog, scene.base) if added(scene, c)]


def _middle(scene: Scene, column: Column) -> float:
    known = scene.speaker.profile.numbers.get(f"{scene.base.full_name}.{column.name}")
    return known[len(known) // 2] if known else 0.0


def ratio(scene: Scene) -> Found:
    """One number for each of another: 'revenue per kilometre', 'paid as a percentage of billed'."""
    found = _numbers(scene)
    if len(found) < 2:
        return None
    a, b = sorted(scene.rng.sample(found, 2), key=lambda c: c.unit not in MONEY)
    over, under = scene.col(a.name), scene.col(b.name)
    words = {"a": scene.speaker.column(scene.base, a.name), "b": scene.speaker.column(scene.base, b.name)}
    words |= {"n": scene.things(), "s": scene.singular}
    if a.unit and a.unit == b.unit:
        return _answered(scene, scene.pick("percent_of").format(**words), f"100.0 * sum({over}) / sum({under})")
    if scene.chance(0.3):
        return _answered(scene, scene.pick("mean_ratio").format(**words), f"avg({over} / {under})")
    if b.unit in UNIT_WORDS and scene.chance(0.4):
        words["b"] = UNIT_WORDS[b.unit]
    return _answered(scene, scene.pick("ratio").format(**words), f"sum({over}) / sum({under})")


def _answered(scene: Scene, said: str, written: str) -> Found:
    """In all, or for each group."""
    by = dimension(scene, label=0.4) if scene.path.joins or scene.chance(0.3) else None
    if by is not None:
        return in_groups(scene, by, f"{said.rstrip('?.')} {scene.pick('each').format(d=by.singular)}", written)
    return None if scene.path.joins else (capital(said), scene.select(written))


def gap(scene: Scene) -> Found:
    """The difference of two numbers of one unit, of all rows or of each."""
    found = [c for c in _numbers(scene) if c.unit]
    twins = [(a, b) for a, b in permutations(found, 2) if a.unit == b.unit and _middle(scene, a) >= _middle(scene, b)]
    if not twins:
        return None
    a, b = scene.rng.choice(twins)
    over, under = scene.col(a.name), scene.col(b.name)
    words = {"a": scene.speaker.column(scene.base, a.name), "b": scene.speaker.column(scene.base, b.name)}
    words |= {"n": scene.things(), "s": scene.singular}
    if scene.chance(0.35) and scene.title() and not scene.path.joins:
        said = scene.pick("gap_each").format(**words)
        return capital(said), scene.select(f"{scene.title()}, {over} - {under}")
    function = scene.rng.choice(("sum", "sum", "avg", "max"))
    said = scene.pick("gap").format(**words, f=scene.rng.choice(_FUNCTIONS[function]))
    return _answered(scene, said, f"{function}({over} - {under})")


def elapsed(scene: Scene) -> Found:
    """How long it takes from one time to another."""
    found = time_pairs(scene.speaker, scene.base)
    if not found:
        return None
    pair: Pair = scene.rng.choice(found)
    first, second = scene.col(pair.first), scene.col(pair.second)
    written = f"date_diff('{pair.unit}', {first}, {second})"
    words = {"a": scene.speaker.column(scene.base, pair.first), "b": scene.speaker.column(scene.base, pair.second)}
    words |= {"n": scene.things(), "s": scene.things("singular"), "u": f"{pair.unit}s"}
    if scene.chance(0.15) and scene.title() and not scene.path.joins:
        said = scene.pick("longest_elapsed").format(**words)
        return capital(said), scene.select(scene.title(), f" ORDER BY {written} DESC LIMIT 1")
    function = scene.rng.choice(("avg", "avg", "avg", "max", "min"))
    said = scene.pick("elapsed").format(**words, f=scene.rng.choice(_TIMES[function]))
    return _answered(scene, said, f"{function}({written})")


_TIMES = {"avg": ("average", "mean", "typical"), "max": ("longest", "maximum"), "min": ("shortest", "minimum")}


def in_units(scene: Scene) -> Found:
    """A number asked for in a larger unit than it is kept in, in all or for each group."""
    found = [c for c in measures(scene.speaker.catalog, scene.base) if c.unit in CONVERSIONS]
    if not found:
        return None
    column = scene.rng.choice(found)
    unit, divisor = scene.rng.choice(CONVERSIONS[column.unit or ""])
    function = scene.rng.choice(("avg", "avg", "sum", "sum", "sum", "max", "min"))
    name = scene.speaker.column(scene.base, column.name).removesuffix(" in seconds").removesuffix(" cents")
    words = {"m": name, "n": scene.things(), "u": unit, "a": scene.rng.choice(_FUNCTIONS[function])}
    amounts = scene.speaker.about(scene.base).get("amounts", {}).get(column.name)
    if function == "sum" and amounts and scene.chance(0.5):
        said = scene.pick("units_of").format(t=scene.rng.choice(amounts), **words)
    else:
        said = scene.pick("in_units").format(**words)
    written = f"{function}({scene.col(column.name)}) / {divisor}"
    by: Dimension | None = dimension(scene) if scene.path.joins or scene.chance(0.4) else None
    if by is None:
        return (capital(said), scene.select(written)) if not scene.path.joins else None
    head, _, unit_said = said.partition(", ")
    question = f"{head} {scene.pick('each').format(d=by.singular)}" + (f", {unit_said}" if unit_said else "")
    return in_groups(scene, by, question, written)
