"""Families of questions: each draws a question in words and the SQL that answers it.

The SQL is FROM-first, as the grammar in `agents.grammar` writes it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from agents.columns import keys, measures, times
from agents.paths import Path
from data.catalog import Column, Table
from finetune.noun_phrases import Condition, Speaker, Speech
from finetune.phrasing import plural


@dataclass(frozen=True)
class Drawn:
    """A question with its SQL; `made_up` maps each invented word to the table or column that it stands for."""

    question: str
    sql: str
    family: str
    made_up: dict[str, str]


@dataclass(frozen=True)
class Scene:
    """What a family draws from: a path, words for its tables, and conditions by alias."""

    speaker: Speaker
    path: Path
    speech: Speech
    said: dict[str, list[Condition]]

    @property
    def rng(self) -> random.Random:
        return self.speaker.rng

    @property
    def base(self) -> Table:
        return self.path.base

    def pick(self, kind: str) -> str:
        """One phrase of the bank."""
        return str(self.rng.choice(self.speaker.phrases[kind]))

    def col(self, name: str) -> str:
        """A column of the base table as SQL writes it."""
        return self.path.column(self.base.name, name)

    def things(self, number: str = "plural") -> str:
        """The noun phrase of the base table with all conditions."""
        return self.speaker.phrase(self.path, self.base.name, self.speech, self.said, number)

    def where(self, extra: str = "") -> str:
        """The WHERE clause, or nothing."""
        conditions = [c.sql for found in self.said.values() for c in found] + ([extra] if extra else [])
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def select(self, items: str, tail: str = "", extra: str = "") -> str:
        """The whole query."""
        return f"{self.path.clause} SELECT {items}{self.where(extra)}{tail}"

    @property
    def singular(self) -> str:
        return self.speech.nouns[self.base.name].singular


Family = Callable[[Scene], tuple[str, str] | None]
_AGGREGATES = ("sum", "sum", "sum", "avg", "avg", "avg", "max", "min", "median")


def _measure(scene: Scene) -> Column | None:
    found = measures(scene.speaker.catalog, scene.base)
    return scene.rng.choice(found) if found else None


def _aggregate(scene: Scene, things: str) -> tuple[str, str] | None:
    """(how it is said, SQL) of an aggregate over the base table's rows."""
    column = _measure(scene)
    if column is None:
        return None
    function = scene.rng.choice(_AGGREGATES)
    said = scene.pick(function).format(m=scene.speaker.column(scene.base, column.name), n=things, s=scene.singular)
    if "{s}" not in said and things not in said:
        said = f"{said} {_rest(scene, things)}"
    return said, f"{function}({scene.col(column.name)})"


def _rest(scene: Scene, things: str) -> str:
    """The conditions without the noun, where a phrase has said the noun in its own way."""
    noun = scene.speech.nouns[scene.base.name].plural
    before, _, after = things.partition(noun)
    return f"of {things}" if before.strip() else after.strip()


def count(scene: Scene) -> tuple[str, str]:
    """How many rows."""
    things = scene.things()
    did = scene.rng.choice(scene.speaker.about(scene.base).get("did", [""]))
    form = scene.pick("count")
    if did and scene.rng.random() < 0.45:
        noun = scene.speech.nouns[scene.base.name].plural
        before, _, after = things.partition(noun)
        return f"How many {before}{noun} {did}{after}?", scene.select("count(*)")
    return form.format(things), scene.select("count(*)")


def scalar(scene: Scene) -> tuple[str, str] | None:
    """One aggregate of a measure."""
    entry = scene.speaker.about(scene.base).get("sums", {})
    things = scene.things()
    if entry and scene.rng.random() < 0.3:
        column = scene.rng.choice(sorted(entry))
        rest = _rest(scene, things)
        if scene.speech.made_up:
            rest = f"of {things}"
        question = f"{scene.rng.choice(entry[column])} {rest}".strip() + "?"
        return question, scene.select(f"sum({scene.col(column)})")
    found = _aggregate(scene, things)
    return (scene.pick("scalar").format(found[0]), scene.select(found[1])) if found else None


def two(scene: Scene) -> tuple[str, str] | None:
    """Two aggregates at once."""
    column = _measure(scene)
    if column is None:
        return None
    words = {"sum": "total", "avg": "average", "max": "highest", "min": "lowest"}
    a, b = scene.rng.sample(sorted(words), 2)
    name, written = scene.speaker.column(scene.base, column.name), scene.col(column.name)
    if scene.rng.random() < 0.3:
        said = f"number and {words[a]} {name} of {scene.things()}"
        return scene.pick("scalar").format(said), scene.select(f"count(*), {a}({written})")
    said = f"{words[a]} and {words[b]} {name} of {scene.things()}"
    return scene.pick("scalar").format(said), scene.select(f"{a}({written}), {b}({written})")


def different(scene: Scene) -> tuple[str, str] | None:
    """How many distinct things that the rows point at, or distinct values of a column."""
    links = [r for r in scene.speaker.catalog.relationships if r.table == scene.base.full_name]
    if links and scene.rng.random() < 0.7:
        link = scene.rng.choice(links)
        parent = scene.speaker.catalog.table(link.to_table)
        nouns = (scene.speaker.about(parent).get("nouns") or [f"{parent.name}|{parent.name}"])[0].split("|")
        said = {"sender_id": "senders", "receiver_id": "receivers"}.get(link.column, nouns[0])
        linking = scene.rng.choice(("have", "had", "made", "appear in", "are behind", "with", "among", "in"))
        column = link.column
    else:
        column = scene.rng.choice(_dimensions(scene, scene.base) or [""])
        if not column:
            return None
        said, linking = (
            plural(scene.speaker.column(scene.base, column)),
            scene.rng.choice(("among", "of", "do we see in", "are there for", "across")),
        )
    question = scene.pick("different").format(d=said, l=linking, n=scene.things())
    return question, scene.select(f"count(DISTINCT {scene.col(column)})")


def _dimensions(scene: Scene, table: Table) -> list[str]:
    """Columns that one groups by: texts with few values."""
    values = scene.speaker.values.get(table.full_name, {})
    return [name for name, found in values.items() if 1 < len(found) <= 60 and name != table.label]


@dataclass(frozen=True)
class Dimension:
    """What rows are grouped by: the words, what is selected, and the GROUP BY clause."""

    singular: str
    plural: str
    select: str
    group: str


def dimension(scene: Scene, *, label: float = 0.4) -> Dimension | None:
    """A column with few values, or a thing with a title, of the table joined last."""
    aliases = list(scene.path.scope)
    alias = aliases[-1]
    table = scene.path.scope[alias]
    if table.label and alias != scene.base.name and scene.rng.random() < label:
        noun = scene.speech.nouns[alias] if alias == table.name else None
        key, name = scene.path.column(alias, table.key or ""), scene.path.column(alias, table.label)
        singular, many = (noun.singular, noun.plural) if noun else (alias, plural(alias))
        return Dimension(singular, many, name, f" GROUP BY {key}, {name}")
    avoid = {c.column for c in scene.said.get(alias, []) if " = " in c.sql}
    columns = [c for c in _dimensions(scene, table) if c not in avoid]
    if not columns:
        return None
    column = scene.rng.choice(columns)
    said = scene.speaker.dimension_name(scene.path, alias, column, scene.speech)
    return Dimension(*said, scene.path.column(alias, column), " GROUP BY ALL")


def _counted(scene: Scene) -> tuple[str, str]:
    things = scene.things()
    return scene.pick("number").format(n=things, s=scene.singular), "count(*)"


def _measured(scene: Scene) -> tuple[str, str]:
    """An aggregate in words and SQL; a count where the table has no measure."""
    found = _aggregate(scene, scene.things()) if scene.rng.random() < 0.65 else None
    return found or _counted(scene)


def grouped(scene: Scene) -> tuple[str, str] | None:
    """An aggregate for each value of a dimension."""
    by = dimension(scene)
    if by is None:
        return None
    if scene.rng.random() < 0.4:
        said, sql = scene.pick("how_many_per").format(n=scene.things(), d=by.singular), "count(*)"
        return said, scene.select(f"{by.select}, {sql}", by.group)
    said, sql = _measured(scene)
    question = scene.pick("each_intro").format(scene.pick("per").format(a=said, d=by.singular, ds=by.plural))
    return question, scene.select(f"{by.select}, {sql}", by.group)


def two_dimensions(scene: Scene) -> tuple[str, str] | None:
    """An aggregate by two columns."""
    columns = _dimensions(scene, scene.base)
    if len(columns) < 2:
        return None
    a, b = scene.rng.sample(columns, 2)
    said, sql = _measured(scene)
    names = f"{scene.speaker.column(scene.base, a)} and {scene.speaker.column(scene.base, b)}"
    return scene.pick("each_intro").format(f"{said} by {names}"), scene.select(
        f"{scene.col(a)}, {scene.col(b)}, {sql}", " GROUP BY ALL"
    )


_BUCKETS = {
    "year": "year({})", "quarter": "date_trunc('quarter', {})", "month": "date_trunc('month', {})",
    "week": "date_trunc('week', {})", "day": "date_trunc('day', {})", "hour": "hour({})", "weekday": "dayname({})",
}  # fmt: skip
_UNITS = ("month", "month", "month", "month", "year", "year", "quarter", "week", "day", "weekday", "hour")


def _unit(scene: Scene) -> tuple[str, str] | None:
    column = scene.base.time
    if not column or column not in scene.base:
        return None
    dated = scene.base.column(column).type.upper().startswith("DATE")
    unit = scene.rng.choice([u for u in _UNITS if not (dated and u == "hour")])
    return unit, _BUCKETS[unit].format(scene.col(column))


def over_time(scene: Scene) -> tuple[str, str] | None:
    """An aggregate for each month, year, weekday …"""
    found = _unit(scene)
    if found is None:
        return None
    unit, bucket = found
    said, sql = _measured(scene)
    per = scene.rng.choice(scene.speaker.phrases["time_per"][unit])
    form = scene.rng.choice(("{a} {p}", "{a} {p}", "{p}, the {a}", "{p} {a}")) if " " not in per else "{a} {p}"
    question = scene.pick("each_intro").format(form.format(a=said, p=per))
    if sql == "count(*)" and scene.rng.random() < 0.5:
        question = f"How many {scene.things()} {per}?"
    order = "" if unit == "weekday" else " ORDER BY 1"
    return question, scene.select(f"{bucket}, {sql}", f" GROUP BY ALL{order}")


def busiest(scene: Scene) -> tuple[str, str] | None:
    """The month, day … with the most."""
    found = _unit(scene)
    if found is None:
        return None
    unit, bucket = found
    which = scene.rng.choice(scene.speaker.phrases["time_which"][unit])
    said, sql = _measured(scene)
    if sql == "count(*)":
        things, least = scene.things(), scene.rng.random() < 0.15
        verb = scene.rng.choice(("had", "saw", "has", "did we have"))
        question = f"{which} {verb} the {'fewest' if least else 'most'} {things}?"
    else:
        least = scene.rng.random() < 0.15
        question = (
            f"{which} {scene.rng.choice(('had', 'saw', 'has', 'shows'))} the {'lowest' if least else 'highest'} {said}?"
        )
    return question, scene.select(bucket, f" GROUP BY ALL ORDER BY {sql}{'' if least else ' DESC'} LIMIT 1")


def superlative(scene: Scene) -> tuple[str, str] | None:
    """The one value of a dimension that has the most or the least."""
    by = dimension(scene, label=0.6)
    if by is None:
        return None
    least = scene.rng.random() < 0.2
    order = "" if least else " DESC"
    if scene.rng.random() < 0.6:
        said, sql = (
            scene.pick("least" if least else "most").format(d=by.singular, n=scene.things()),
            "count(*)",
        )
    else:
        phrase, sql = _measured(scene)
        said = scene.pick("lowest" if least else "highest").format(d=by.singular, a=phrase)
    return said, scene.select(by.select, f"{by.group} ORDER BY {sql}{order} LIMIT 1")


_NUMBERS = {
    1: "one",
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    10: "ten",
    12: "twelve",
    15: "fifteen",
    20: "twenty",
}


def _number(
    scene: Scene, choices: tuple[int, ...] = (2, 3, 3, 4, 5, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20)
) -> tuple[str, int]:
    number = scene.rng.choice(choices)
    return (_NUMBERS[number] if scene.rng.random() < 0.4 else str(number)), number


def top(scene: Scene) -> tuple[str, str] | None:
    """The first N values of a dimension by an aggregate, with the aggregate."""
    by = dimension(scene, label=0.7)
    if by is None:
        return None
    said, number = _number(scene)
    low = scene.rng.random() < 0.12
    if scene.rng.random() < 0.45 and not low:
        question, sql = scene.pick("top_most").format(k=said, ds=by.plural, n=scene.things()), "count(*)"
    else:
        phrase, sql = _measured(scene)
        question = scene.pick("bottom_by" if low else "top_by").format(k=said, ds=by.plural, a=phrase)
    return question, scene.select(
        f"{by.select}, {sql}", f"{by.group} ORDER BY {sql}{'' if low else ' DESC'} LIMIT {number}"
    )


def having(scene: Scene) -> tuple[str, str] | None:
    """The values of a dimension whose count or total passes a bound."""
    by = dimension(scene, label=0.8)
    if by is None:
        return None
    kind, operator = scene.rng.choice(
        (("more_count", ">"), ("more_count", ">"), ("atleast_count", ">="), ("less_count", "<"))
    )
    number = scene.rng.choice((1, 2, 3, 5, 10, 15, 20, 25, 30, 40, 50, 100, 200))
    spoken = _NUMBERS.get(number, str(number)) if scene.rng.random() < 0.3 else str(number)
    bound = scene.rng.choice(scene.speaker.phrases[kind]).format(spoken)
    if scene.rng.random() < 0.75:
        question = scene.pick("having_count").format(ds=by.plural, c=bound, n=scene.things())
        return question, scene.select(by.select, f"{by.group} HAVING count(*) {operator} {number}")
    phrase, sql = _measured(scene)
    if sql == "count(*)":
        return None
    number *= scene.rng.choice((10, 100, 500))
    bound = scene.rng.choice(scene.speaker.phrases[kind.replace("_count", "")]).format(
        scene.rng.choice((f"${number:,}", str(number)))
    )
    question = scene.pick("having_sum").format(ds=by.plural, a=phrase, c=bound)
    return question, scene.select(by.select, f"{by.group} HAVING {sql} {operator} {number}")


def share(scene: Scene) -> tuple[str, str] | None:
    """Which percentage of the rows meets one more condition."""
    part = scene.speaker.conditions(
        scene.path, scene.base.name, 1, frozenset(c.column for c in scene.said.get(scene.base.name, []))
    )
    if not part or part[0].place == "named":
        return None
    text = (
        part[0].text
        if part[0].place == "adj"
        else part[0].text.removeprefix("that ").removeprefix("were ").removeprefix("are ")
    )
    lead = (
        scene.rng.choice(("is", "are", "were"))
        if part[0].place == "adj" or not part[0].text.startswith(("that", "whose", "where", "who", "with"))
        else "is"
    )
    verb = f"{lead} {text}"
    written = part[0].sql
    things = scene.things()
    if scene.rng.random() < 0.15 and measures(scene.speaker.catalog, scene.base):
        column = measures(scene.speaker.catalog, scene.base)[0]
        name = scene.speaker.column(scene.base, column.name)
        value = f"sum({scene.col(column.name)})"
        noun = scene.speech.nouns[scene.base.name].plural
        question = scene.pick("share").format(
            n=f"the total {name} of {things}",
            v=f"comes from {noun} {'that are ' if part[0].place == 'adj' else ''}{part[0].text}",
        )
        return question, scene.select(f"100.0 * {value} FILTER (WHERE {written}) / {value}")
    return scene.pick("share").format(n=things, v=verb), scene.select(
        f"100.0 * count(*) FILTER (WHERE {written}) / count(*)"
    )


def listing(scene: Scene) -> tuple[str, str] | None:
    """Rows that meet conditions: named columns, or the title (else the key) where none is named."""
    if not any(scene.said.values()):
        return None
    table = scene.base
    things = scene.things()
    readable = [c.name for c in table.columns if c.name not in keys(scene.speaker.catalog, table)]
    if scene.rng.random() < 0.45:
        chosen = scene.rng.sample(readable, min(len(readable), scene.rng.randint(1, 3)))
        said = [scene.speaker.column(table, name) for name in chosen]
        names = " and ".join(", ".join(said).rsplit(", ", 1))
        question = scene.pick("list").format(f"the {names} of {things}")
        return question, scene.select(", ".join(scene.col(n) for n in chosen))
    shown = table.label or table.key
    return (scene.pick("list").format(things), scene.select(scene.col(shown))) if shown else None


def extreme(scene: Scene) -> tuple[str, str] | None:
    """The first N rows by a measure or by time."""
    table = scene.base
    shown = table.label or table.key
    said, number = _number(scene, (3, 3, 5, 5, 10, 10, 15, 20, 2, 4))
    column = _measure(scene)
    if shown is None:
        return None
    if column is None or scene.rng.random() < 0.35:
        if not table.time:
            return None
        new = scene.rng.random() < 0.7
        question = scene.pick("list").format(scene.pick("newest" if new else "oldest").format(k=said, n=scene.things()))
        return question, scene.select(
            f"{scene.col(shown)}, {scene.col(table.time)}",
            f" ORDER BY {scene.col(table.time)}{' DESC' if new else ''} LIMIT {number}",
        )
    high = scene.rng.random() < 0.75
    name = scene.speaker.column(table, column.name)
    phrase = scene.pick("extreme_rows" if high else "lowest_rows").format(k=said, n=scene.things(), m=name)
    written = scene.col(column.name)
    return scene.pick("list").format(phrase), scene.select(
        f"{scene.col(shown)}, {written}", f" ORDER BY {written}{' DESC' if high else ''} LIMIT {number}"
    )


def extreme_one(scene: Scene) -> tuple[str, str] | None:
    """The title of the row with the highest, lowest, newest or oldest."""
    table = scene.base
    if not table.label:
        return None
    column = _measure(scene)
    if column is not None and scene.rng.random() < 0.6:
        high, name = scene.rng.random() < 0.7, scene.speaker.column(table, column.name)
        word = scene.rng.choice(("highest", "largest", "greatest") if high else ("lowest", "smallest", "least"))
        question = scene.rng.choice(
            ("Which {s} has the {w} {m}?", "What is the {s} with the {w} {m}?", "{s} with the {w} {m}")
        )
        return question.format(s=scene.things("singular"), w=word, m=name), scene.select(
            scene.col(table.label), f" ORDER BY {scene.col(column.name)}{' DESC' if high else ''} LIMIT 1"
        )
    if not table.time:
        return None
    new = scene.rng.random() < 0.5
    word = scene.rng.choice(("newest", "latest", "most recent") if new else ("oldest", "first", "earliest"))
    question = scene.rng.choice(("What is the {w} {s}?", "Which is the {w} {s}?", "{w} {s}", "Show the {w} {s}."))
    return question.format(s=scene.things("singular"), w=word), scene.select(
        scene.col(table.label), f" ORDER BY {scene.col(table.time)}{' DESC' if new else ''} LIMIT 1"
    )


def distinct_list(scene: Scene) -> tuple[str, str] | None:
    """The values that a column has."""
    columns = _dimensions(scene, scene.base)
    if not columns:
        return None
    column = scene.rng.choice(columns)
    name = scene.speaker.column(scene.base, column)
    form = scene.pick("distinct_list")
    if "{n}" not in form and scene.path.joins:
        return None
    many = plural(name) if "{n}" in form else f"{scene.singular} {plural(name)}"
    return form.format(d=name, ds=many, n=scene.things()), scene.select(f"DISTINCT {scene.col(column)}")


def when(scene: Scene) -> tuple[str, str] | None:
    """The first or last time."""
    found = times(scene.base)
    column = scene.base.time or (found[0].name if found else None)
    if column is None:
        return None
    first = scene.rng.random() < 0.5
    things = scene.things()
    said = scene.pick("when_first" if first else "when_last").format(
        n=things, s=scene.things("singular"), t=scene.speaker.column(scene.base, column)
    )
    return said, scene.select(f"{'min' if first else 'max'}({scene.col(column)})")


def related(scene: Scene) -> tuple[str, str] | None:
    """Things with, or without, rows that point at them."""
    if scene.path.joins:
        return None
    speaker, table = scene.speaker, scene.base
    pointing = [
        r for r in speaker.catalog.relationships if r.to_table == table.full_name and r.table != table.full_name
    ]
    if not pointing:
        return None
    link = scene.rng.choice(pointing)
    child = Path(speaker.catalog.table(link.table))
    speech = speaker.speech(child)
    scene.speech.made_up.update(speech.made_up)
    inner = speaker.conditions(child, child.base.name, scene.rng.choice((0, 0, 1)))
    inner = [c for c in inner if c.place != "named" and " IS " not in c.sql]
    things = speaker.phrase(child, child.base.name, speech, {child.base.name: inner})
    never = scene.rng.random() < 0.6
    phrase = scene.pick("never" if never else "ever").format(p=scene.things(), n=things)
    alias = {"sender_id": "sender", "receiver_id": "receiver"}.get(link.column, table.name)
    entry = speaker.about(child.base).get("verbs", {})
    known = entry.get(f"{table.full_name}.{alias}") or entry.get(table.full_name)
    if known and scene.rng.random() < 0.6:
        do, _, done = scene.rng.choice(known).partition("|")
        phrase = scene.pick("never_did" if never else "did").format(p=scene.things(), n=things, v=do, x=done)
    elif link.column == "receiver_id":
        phrase = scene.rng.choice(
            ("{p} who never received {n}", "{p} that did not get any {n}")
            if never
            else ("{p} who received {n}", "{p} that got {n}")
        ).format(p=scene.things(), n=things)
    bounds = ([f"{link.column} IS NOT NULL"] if never else []) + [c.sql for c in inner]
    inside = f"FROM {link.table} SELECT {link.column}" + (f" WHERE {' AND '.join(bounds)}" if bounds else "")
    extra = f"{link.to_column} {'NOT IN' if never else 'IN'} ({inside})"
    if scene.rng.random() < 0.6 or not table.label:
        return scene.pick("count").format(phrase), scene.select("count(*)", extra=extra)
    return scene.pick("list").format(phrase), scene.select(scene.col(table.label), extra=extra)


def per_thing(scene: Scene) -> tuple[str, str] | None:
    """How many rows, or how much, there is per thing on average."""
    links = [r for r in scene.speaker.catalog.relationships if r.table == scene.base.full_name]
    if not links:
        return None
    link = scene.rng.choice(links)
    parent = scene.speaker.catalog.table(link.to_table)
    nouns = scene.rng.choice(scene.speaker.about(parent).get("nouns") or [f"{parent.name}|{parent.name}"]).split("|")
    said = {"sender_id": "sender", "receiver_id": "receiver"}.get(link.column, nouns[1])
    phrase = scene.pick("per_thing").format(n=scene.things(), d=said)
    return scene.pick("scalar").format(phrase), scene.select(f"count(*) / count(DISTINCT {scene.col(link.column)})")


def against_average(scene: Scene) -> tuple[str, str] | None:
    """Rows whose measure is above or below the average of all rows."""
    column = _measure(scene)
    if column is None:
        return None
    above = scene.rng.random() < 0.75
    phrase = scene.pick("above_average" if above else "below_average").format(
        n=scene.things(), m=scene.speaker.column(scene.base, column.name)
    )
    extra = f"{scene.col(column.name)} {'>' if above else '<'} (FROM {scene.base.full_name} SELECT avg({column.name}))"
    if scene.rng.random() < 0.7 or not scene.base.label:
        return scene.pick("count").format(phrase), scene.select("count(*)", extra=extra)
    return scene.pick("list").format(phrase), scene.select(scene.col(scene.base.label), extra=extra)


@dataclass(frozen=True)
class Doing:
    """What a joined table's things do with the base's rows: 'merchants in Paris' 'took' 'failed payments'."""

    alias: str
    things: str
    doers: str
    do: str
    did: str

    @classmethod
    def of(cls, scene: Scene, kind: str = "verbs") -> Doing | None:
        """None where the table joined last does nothing with the base's rows."""
        if not scene.path.joins:
            return None
        alias = scene.path.joins[-1].alias
        verbs = scene.speaker.verbs(scene.path, alias, kind)
        if verbs is None or any(scene.said.get(j.alias) for j in scene.path.joins[:-1]):
            return None
        base = scene.base.name
        things = scene.speaker.phrase(Path(scene.base), base, scene.speech, {base: scene.said.get(base, [])})
        doers = scene.speaker.phrase(
            Path(scene.path.scope[alias]),
            scene.path.scope[alias].name,
            _speech_of(scene, alias),
            {scene.path.scope[alias].name: scene.said.get(alias, [])},
        )
        return cls(alias, things, doers, *verbs)

    def entity(self, scene: Scene) -> Dimension | None:
        """The doers by their title."""
        table = scene.path.scope[self.alias]
        if not table.label or scene.said.get(self.alias):
            return None
        noun = _speech_of(scene, self.alias).nouns[table.name]
        key, name = scene.path.column(self.alias, table.key or ""), scene.path.column(self.alias, table.label)
        return Dimension(noun.singular, noun.plural, name, f" GROUP BY {key}, {name}")

    def who(self, scene: Scene, entity: Dimension) -> str:
        """'who' for people, else 'which merchant'."""
        person = scene.speaker.about(scene.path.scope[self.alias]).get("person")
        return "who" if person and scene.rng.random() < 0.6 else f"which {entity.singular}"


def _speech_of(scene: Scene, alias: str) -> Speech:
    return Speech({scene.path.scope[alias].name: scene.speech.nouns[alias]}, scene.speech.made_up)


def owned_count(scene: Scene) -> tuple[str, str] | None:
    """How many rows the things of a joined table have made."""
    doing = Doing.of(scene)
    if doing is None:
        return None
    question = scene.pick("owned_count").format(n=doing.things, p=doing.doers, v=doing.do, w=doing.did)
    return question, scene.select("count(*)")


def owned_sum(scene: Scene) -> tuple[str, str] | None:
    """How much the things of a joined table have paid, taken …"""
    doing, found = Doing.of(scene, "spends"), measures(scene.speaker.catalog, scene.base)
    if doing is None or not found:
        return None
    noun = scene.speech.nouns[scene.base.name].plural
    before, _, rest = doing.things.partition(noun)
    question = scene.pick("owned_sum").format(p=doing.doers, v=doing.do, w=doing.did)
    if before.strip() or scene.speech.made_up or scene.rng.random() < 0.2:
        rest = f" {scene.rng.choice(('in', 'with', 'through'))} {doing.things}"
    return f"{question.rstrip('?')}{rest}?", scene.select(f"sum({scene.col(found[0].name)})")


def doer(scene: Scene) -> tuple[str, str] | None:
    """Who made the most rows, or paid the most."""
    money = scene.rng.random() < 0.4
    doing, found = (
        Doing.of(scene, "spends" if money else "verbs"),
        measures(scene.speaker.catalog, scene.base),
    )
    entity = doing.entity(scene) if doing else None
    if doing is None or entity is None or (money and not found):
        return None
    who = doing.who(scene, entity)
    if money:
        noun = scene.speech.nouns[scene.base.name].plural
        before, _, rest = doing.things.partition(noun)
        if before.strip() or scene.speech.made_up or scene.rng.random() < 0.3:
            rest = f" {scene.rng.choice(('in', 'with', 'through'))} {doing.things}"
        question = f"{scene.pick('doer_money').format(w=who, x=doing.did).rstrip('?')}{rest}?"
        return question[0].upper() + question[1:], scene.select(
            entity.select, f"{entity.group} ORDER BY sum({scene.col(found[0].name)}) DESC LIMIT 1"
        )
    question = scene.pick("doer").format(w=who, x=doing.did, n=doing.things)
    return question[0].upper() + question[1:], scene.select(
        entity.select, f"{entity.group} ORDER BY count(*) DESC LIMIT 1"
    )


def doers(scene: Scene) -> tuple[str, str] | None:
    """The N things that made the most rows, or those that made more than N."""
    doing = Doing.of(scene)
    entity = doing.entity(scene) if doing else None
    if doing is None or entity is None:
        return None
    if scene.rng.random() < 0.5:
        said, number = _number(scene)
        question = scene.pick("doers").format(k=said, ds=entity.plural, x=doing.did, n=doing.things)
        return question, scene.select(
            f"{entity.select}, count(*)", f"{entity.group} ORDER BY count(*) DESC LIMIT {number}"
        )
    kind, operator = scene.rng.choice((("more_count", ">"), ("atleast_count", ">="), ("less_count", "<")))
    number = scene.rng.choice((1, 2, 2, 3, 4, 5, 10, 20, 30, 50))
    spoken = _NUMBERS.get(number, str(number)) if scene.rng.random() < 0.4 else str(number)
    bound = scene.rng.choice(scene.speaker.phrases[kind]).format(spoken)
    question = scene.pick("doers_having").format(ds=entity.plural, x=doing.did, c=bound, n=doing.things)
    return question, scene.select(entity.select, f"{entity.group} HAVING count(*) {operator} {number}")


def biggest(scene: Scene) -> tuple[str, str] | None:
    """The biggest, smallest or average row by the measure that goes without saying."""
    found = measures(scene.speaker.catalog, scene.base)
    if not found:
        return None
    function = scene.rng.choice(("max", "max", "min", "avg"))
    word = scene.rng.choice(scene.speaker.phrases["big"][function])
    return scene.pick("scalar").format(f"{word} {scene.things('singular')}"), scene.select(
        f"{function}({scene.col(found[0].name)})"
    )


@dataclass(frozen=True)
class Plan:
    """A family with how often it is drawn, how many joins it takes and how many conditions it is given."""

    family: Family
    weight: float
    joins: tuple[int, ...] = (0, 0, 0, 1, 1, 2)
    conditions: tuple[int, ...] = (0, 1, 1, 2)


PLANS: tuple[Plan, ...] = (
    Plan(count, 18, (0, 0, 0, 1, 1, 1, 2), (0, 1, 1, 1, 1, 2, 2)),
    Plan(scalar, 14, (0, 0, 1, 1, 2), (0, 1, 1, 2, 2)),
    Plan(biggest, 3, (0, 0, 1), (0, 0, 1, 1)),
    Plan(owned_count, 7, (1, 1, 1, 2), (1, 1, 2)),
    Plan(owned_sum, 3, (1, 1, 1, 2), (1, 1, 2)),
    Plan(doer, 5, (1, 1, 2), (0, 0, 1)),
    Plan(doers, 5, (1, 1, 2), (0, 0, 1)),
    Plan(two, 2, (0, 0, 1), (0, 1, 1)),
    Plan(different, 3, (0, 0, 1), (0, 1, 1, 2)),
    Plan(grouped, 14, (0, 0, 1, 1, 2), (0, 0, 1, 1)),
    Plan(two_dimensions, 1, (0,), (0, 1)),
    Plan(over_time, 6, (0, 0, 0, 1), (0, 0, 1, 1)),
    Plan(busiest, 3, (0, 0, 1), (0, 1)),
    Plan(superlative, 10, (0, 1, 1, 1, 2), (0, 0, 1)),
    Plan(top, 8, (1, 1, 1, 0, 2), (0, 0, 1)),
    Plan(having, 6, (1, 1, 0, 2), (0, 0, 1)),
    Plan(share, 5, (0, 0, 0, 1), (0, 0, 1)),
    Plan(listing, 8, (0, 0, 0, 1), (1, 1, 2, 2)),
    Plan(extreme, 3, (0, 0, 1), (0, 0, 1)),
    Plan(extreme_one, 2, (0, 0, 1), (0, 0, 1)),
    Plan(distinct_list, 2, (0,), (0, 0, 1)),
    Plan(when, 3, (0, 0, 1), (0, 1, 1)),
    Plan(related, 4, (0,), (0, 0, 1)),
    Plan(per_thing, 1, (0,), (0, 0, 1)),
    Plan(against_average, 2, (0,), (0, 1)),
)
