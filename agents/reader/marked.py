"""A task with each phrase that was linked as a mark: what the reader's patterns are written over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agents.columns import flags, measures, times
from agents.reader.relinked import relinked
from data.catalog import Catalog, Column, Relationship, Table
from data.naming import single, words
from retrieval import Context
from retrieval.hints import Hint

_IDLE = """
a an the of in on at to for from with by and or is are was were be been being have has had do does did that which
who whose what when where there their its it this these those all any each every us we our i me you please show list
give find get return query want need see only just also as so such they them together made done used taken took
place happened ever respectively both come came go went rows row table result results one ones usd dollars dollar
money same set overall within into column columns but then values value figure figures put next listed counted
number numbers summed up people person everyone record records if out across over per now far alone separate side
still currently yet pairs pair combination combinations earn collect bring process charge handle spend pay send make
take receive single amount size sizes customers own owns owned total all-time cash hold holds he she his her read
paid living live lives based located via through using because due itself themselves plus along respective
"""
IDLE = frozenset(_IDLE.split())
"""Words that say nothing of which rows or numbers are meant, and verbs that every task has."""
ROLE = 3
"""Letters in which a verb agrees with who does it: sent, sender_id."""
MARK = re.compile(r"<([tcfwvdn])(\d+)>")
_UNITS = ("date", "time", "day", "week", "month", "quarter", "year", "hour", "name", "number", "order")
_CUTS = re.compile(r"[<>{}]")
_ORDERS = re.compile(
    r"(?:old|new|lat|long|short|larg|bigg|high|low|small|earli|cheap)(?:est)|join|rates?|(?:first|last)(?: \w+)?|"
    r"wants?|adds?|zero|recorded|listed|counted|class(?:es)?|buckets?|bands?|labels?|ranks?|makes?|\d+(?:st|nd"
    r"|rd|th)|used|in between|"
    r".*,.*",
    re.I,
)
"""Words that say an order, or how tables are put together, whatever they were linked to."""
_MONEY = re.compile(r"\b(?:in |worth of )?(?:usd|us dollars?|dollars?|eur|euros?)\b|\(\s*\)", re.I)
_DENIED = re.compile(
    r"\b(?:not|except|excluding|other than|but)(?: (?:paid|made|sent|held|settled))?(?: in| for)? $", re.I
)
_BEFORE = re.compile(r"\b(?:previous|prior|preceding) (?:day|week|month|quarter|year)\b", re.I)
_CHANGES = re.compile(
    r"\b(?:growth|chang\w+|differ\w+|delta|increas\w+|decreas\w+|compar\w+|versus|vs|against|than|prev|lag)\b|\bprev_",
    re.I,
)
"""Beside these the period before is that of each row, not that before today."""
_EXPLAINED = re.compile(r"<c\d+> \( ((?:<[tcv]\d+> )+)\)")
_VALUES = re.compile(
    r"<c(?P<c>\d+)> \( ?(?P<all><v\d+>(?: ?(?:,|/|\||and|or)+ ?<v\d+>)+)(?: ?, ?(?:\. ?\. ?\.|…|etc ?\.?))? ?\)"
)
_SPENT = re.compile(
    r"(<[vt](\d+)>) (?:us )?(?P<unit>dollars?|usd|money|cash|seconds|revenue|income|turnover|spend|spending"
    r"|earnings|takings)\b",
    re.I,
)
_HOURS = re.compile(
    r"\b(?P<unit>hours|minutes|seconds) (?:of )?<[tw](?P<at>\d+)>|<[tw](?P<at2>\d+)> (?P<unit2>hours|minutes)\b", re.I
)
_MADE_OF = re.compile(
    r"\b(?P<unit>revenue|income|turnover|spend|spending|earnings|takings) (?=(?:of|from) (?:the |all )?"
    r"(?:<[vf]\d+> )*<t(?P<at>\d+)>)",
    re.I,
)
_DOER = re.compile(r"\w{3,}(?:er|or)s?")
_TWICE = re.compile(r"(<c(\d+)>) \( ?<c(\d+)> ?\)")


@dataclass(frozen=True)
class Marked:
    """`text` has `<t0>` for a table, `c` a column, `f` a flag, `w` a verb that tells when, `v` a value, `d` a period
    and `n` a number, each with the place of its hint."""

    text: str
    hints: tuple[Hint, ...]
    catalog: Catalog
    values: Mapping[str, Mapping[str, Sequence[str]]]

    @classmethod
    def of(cls, text: str, context: Context) -> Marked:
        """The text, in which a context has found its hints."""
        codes = _codes(text, context)
        found = sorted(
            (*relinked(context.hints, context.catalog), *_described(text, context.catalog), *codes),
            key=lambda hint: (hint.start, -len(hint.span)),
        )
        found = [_valued(replace(hint, targets=tuple(dict.fromkeys(hint.targets))), context.values) for hint in found]
        hints = tuple(_who(_role(hint, context.catalog), hint, text, context.catalog) for hint in found)
        sources = "|".join(re.escape(source.name) for source in context.catalog.sources)
        made, end = "", 0
        for at, hint in enumerate(hints):
            if hint.start < end or text[hint.start : hint.start + len(hint.span)] != hint.span:
                continue
            denied = hint in codes or _DENIED.search(text[: hint.start])
            if hint.kind == "value" and (
                (_is_idle(hint) and not denied) or (hint.alike and _ORDERS.fullmatch(hint.span))
            ):
                continue
            if hint.kind == "time" and _BEFORE.search(hint.span) and _CHANGES.search(text):
                continue
            if hint.kind in ("column", "table") and _ORDERS.fullmatch(hint.span):
                continue
            between = text[end : hint.start]
            if (
                hint.kind == "column"
                and len(between.split()) > 1 + (not made)
                and (again := _said_again(between, context))
            ):
                between = between[: -len(again)]
            made += f"{_CUTS.sub(' ', between)} <{_kind(hint, context.catalog)}{at}> "
            end = hint.start + len(hint.span)
        made += _CUTS.sub(" ", text[end:])
        made, hints = _called(" ".join(made.split()), hints, context.catalog)
        made, hints = _spent(" ".join(made.split()), hints, context.catalog)
        tidy = " ".join(re.sub(r"([,;:.!?()/])", r" \1 ", _MONEY.sub(" ", made)).lower().split())
        tidy = (
            re.sub(rf"\b(?:{sources}) (?=<)|\b(?:at|in|on|from|of) (?:{sources})(?: (?!<)|$)", "", tidy)
            if sources
            else tidy
        )
        tidy = _TWICE.sub(lambda m: m[1] if hints[int(m[2])].targets == hints[int(m[3])].targets else m[0], tidy)
        tidy = _VALUES.sub(lambda m: _enumerated(m, hints, context.values), tidy)
        tidy = _EXPLAINED.sub(lambda m: m[1].strip(), tidy)
        return cls(tidy, hints, context.catalog, context.values)

    def hint(self, mark: str) -> Hint:
        """The hint of a mark such as `<c3>`."""
        found = MARK.fullmatch(mark)
        assert found is not None
        return self.hints[int(found[2])]

    def table(self, name: str) -> Table:
        return self.catalog.table(name)

    def link(self, table: str, to_table: str) -> Relationship | None:
        """The first key by which rows of a table point at those of another."""
        links = self.catalog.relationships
        return next((link for link in links if (link.table, link.to_table) == (table, to_table)), None)

    def compared(self, mark: str) -> str:
        """What a number says that follows it: ` >= 3`; "" for several of them."""
        hint = self.hint(mark.strip())
        return f" {hint.operator or '='} {hint.literals[0]}" if len(hint.literals) == 1 else ""

    def whole(self, said: str) -> int:
        """A whole number, in digits or as a mark; 0 where it is none."""
        if said.strip().isdecimal():
            return int(said)
        found = MARK.fullmatch(said.strip())
        hint = self.hints[int(found[2])] if found else None
        text = hint.literals[0] if hint else ""
        if (
            hint
            and re.search(r"\b(?:second|minute|hour|day|week)s?\b", hint.span, re.I)
            and (told := re.match(r"\d+", hint.span))
        ):
            return int(told[0])
        return int(text) if text.isdecimal() else 0

    def column(self, target: str) -> tuple[Table, Column]:
        """The column of a target such as `square.payments.amount`."""
        table, _, name = target.rpartition(".")
        return self.catalog.table(table), self.catalog.table(table).column(name)


def _is_idle(hint: Hint) -> bool:
    """Whether a word says nothing, whatever it was linked to; `US` is a country, `us` is not."""
    return hint.span.lower() in IDLE and not (hint.span.isupper() and len(hint.span) > 1 and hint.span in hint.literals)


def _called(text: str, hints: tuple[Hint, ...], catalog: Catalog) -> tuple[str, tuple[Hint, ...]]:
    """Words that are the names of columns of the tables that are named: `wallet kind`."""
    tables = {table_of(hints[int(m[2])]) for m in MARK.finditer(text) if m[1] == "t"}
    names = {c.name: (f"{t}.{c.name}",) for t in sorted(tables) for c in catalog.table(t).columns}
    for name in [name for name in names if re.fullmatch(r"[a-z]+_[a-z]+_(?:at|on)", name)]:
        names[" ".join(words(name)[:-1])] = names[name]
    added: list[Hint] = []

    def column(found: re.Match[str]) -> str:
        word = found.group().lower()
        own = names.get(word) or (names.get(f"{single(word)}_id") if _DOER.fullmatch(word) else None)
        if own is None or word in IDLE or word in _UNITS:
            return found.group()
        added.append(Hint(found.group(), "column", own))
        return f"<{_kind(added[-1], catalog)}{len(hints) + len(added) - 1}>"

    said = "|".join(re.escape(name) for name in names if " " in name)
    behind = r"(?= (?:in|on|before|after|between|since|during|at|by)\b| <d)"
    text = re.sub(rf"\b(?:{said})\b{behind}", column, text) if said else text
    made = re.sub(r"(?<![\w<])[A-Za-z_]{4,}(?![\w>])", column, text)
    return made, (*hints, *added)


_BUT = re.compile(
    r"\b(?:[Ee]xclud(?:e|ing)|[Ee]xcept(?: for)?|[Ii]gnor(?:e|ing)|[Ww]ithout|[Oo]ther than|[Ss]kip(?:ping)?"
    r"|[Dd]rop(?:ping)?|[Aa]part from) "
    r"(?P<code>[A-Z]{2,4})\b"
)


def _codes(text: str, context: Context) -> tuple[Hint, ...]:
    """Codes that are left out, where they are values of one column and nothing else: `exclude USD`."""
    taken = {at for hint in context.hints for at in range(hint.start, hint.start + len(hint.span))}
    found: list[Hint] = []
    for match in _BUT.finditer(text):
        code = match["code"]
        targets = [f"{t}.{c}" for t, cs in context.values.items() for c, stored in cs.items() if code in stored]
        if len(targets) == 1 and match.start("code") not in taken:
            found.append(Hint(code, "value", (targets[0],), (code,), start=match.start("code")))
    return tuple(found)


def _valued(hint: Hint, values: Mapping[str, Mapping[str, Sequence[str]]]) -> Hint:
    """A word that was linked to a column but is one of its values: `by settled volume`."""
    if hint.kind != "column" or not hint.span.isalpha():
        return hint
    known = [values.get(t.rpartition(".")[0], {}).get(t.rpartition(".")[2], ()) for t in hint.targets]
    said = [next((str(v) for v in own if str(v).lower() == hint.span.lower()), "") for own in known]
    same = all(said) and len(set(said)) == 1
    return replace(hint, kind="value", literals=(said[0],)) if same else hint


def _enumerated(found: re.Match[str], hints: Sequence[Hint], values: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """A column without all of its values behind it: they ask for nothing."""
    table, _, column = hints[int(found["c"])].targets[0].rpartition(".")
    said = {hints[int(at)].literals[0] for at in re.findall(r"<v(\d+)>", found["all"])}
    known = {str(value) for value in values.get(table, {}).get(column, ())}
    return f"<c{found['c']}>" if known and known <= said else found.group()


def _described(text: str, catalog: Catalog) -> tuple[Hint, ...]:
    """Phrases that are the whole description of a column: the line of business of a merchant."""
    told: dict[str, list[str]] = {}
    for table in catalog.tables:
        for column in table.columns:
            said = (column.description or "").rstrip(".").lower()
            if 2 <= len(said.split()) <= 4 and re.fullmatch(r"[a-z][a-z -]+", said):
                told.setdefault(said, []).append(f"{table.full_name}.{column.name}")
    found = ((match, targets) for said, targets in told.items() for match in re.finditer(rf"\b{said}\b", text, re.I))
    return tuple(Hint(m.group(), "column", tuple(targets), start=m.start()) for m, targets in found)


def _said_again(between: str, context: Context) -> str:
    """A word in front of a column that nothing was found for, with the space behind it: it says again which it is."""
    found = re.search(r"(?<= )([a-z]{4,}) $", between)
    roles = {link.column[:ROLE] for link in context.catalog.relationships}
    if found and found[1][:ROLE] in roles:
        return ""  # Whose column it is.
    return found.group() if found and found[1] in {word.text for word in context.unread if word.thing} else ""


def _spent(text: str, hints: tuple[Hint, ...], catalog: Catalog) -> tuple[str, tuple[Hint, ...]]:
    """`captured dollars`: the amounts of what was captured."""
    added: list[Hint] = []

    def amount(found: re.Match[str]) -> str:
        table = catalog.table(table_of(hints[int(found[2])]))
        unit = found["unit"].lower() == "seconds"
        paid = [c.name for c in measures(catalog, table) if c.unit and (c.unit == "s") is unit]
        named = [name for name in paid if "amount" in name.split("_")] or paid
        if not named:
            return found.group()
        added.append(Hint("dollars", "column", (f"{table.full_name}.{named[0]}",)))
        return f"{found[1]} <c{len(hints) + len(added) - 1}>"

    def made_of(found: re.Match[str]) -> str:
        table = catalog.table(table_of(hints[int(found["at"])]))
        paid = [c.name for c in measures(catalog, table) if c.unit and c.unit != "s"]
        named = [name for name in paid if "amount" in name.split("_")] or paid
        if not named:
            return found.group()
        added.append(Hint(found["unit"], "column", (f"{table.full_name}.{named[0]}",)))
        return f"<c{len(hints) + len(added) - 1}> "

    def hours(found: re.Match[str]) -> str:
        hint, unit = hints[int(found["at"] or found["at2"])], found["unit"] or found["unit2"]
        table = catalog.table(table_of(hint))
        timed = [c.name for c in measures(catalog, table) if c.unit == "s"]
        if len(timed) != 1:
            return found.group()
        added.append(Hint(unit, "column", (f"{table.full_name}.{timed[0]}",)))
        return f"<c{len(hints) + len(added) - 1}> in {unit.lower()}"

    text = _HOURS.sub(hours, text)
    made = _MADE_OF.sub(made_of, _SPENT.sub(amount, text))
    return made, (*hints, *added)


def _role(hint: Hint, catalog: Catalog) -> Hint:
    """A word for who has a part in a table's rows as the column of it: the senders of transfers."""
    said = [single(word) for word in words(hint.span)]
    doer = hint.kind == "column" and len(said) == 1 and re.fullmatch(r"\w{3,}(?:er|or)", said[0])
    if (hint.kind != "table" and not doer) or len(hint.targets) != 1:
        return hint
    table = catalog.table(table_of(hint))
    if doer and hint.targets[0].rpartition(".")[2] not in {column.name for column in times(table)}:
        return hint
    known = {single(word) for name in (table.name, *table.synonyms) for word in words(name)}
    column = next((c.name for c in table.columns if words(c.name) == [*said, "id"]), "")
    if not column and len(said) == 1 and said[0] not in known and re.fullmatch(r"\w{3,}(?:er|or)", said[0]):
        links = [r for r in catalog.relationships if r.table == table.full_name]
        doers = [link.column for link in links if _people(catalog.table(link.to_table))]
        column = doers[0] if len(doers) == 1 else ""
    own = column and column != table.key
    return replace(hint, kind="column", targets=(f"{table.full_name}.{column}",)) if own else hint


def _who(role: Hint, hint: Hint, text: str, catalog: Catalog) -> Hint:
    """Who does something, where a task begins with them: the people themselves, of whom something else is told."""
    if role is hint or not re.match(r"\s+(?:who|that|with|without|whose)\b", text[hint.start + len(hint.span) :]):
        return role
    if re.search(
        r"\w{3,}", re.sub(r"\b(?:the|all|those|find|list|show|which|number|of)\b", "", text[: hint.start], flags=re.I)
    ):
        return role
    to = next((r.to_table for r in catalog.relationships if f"{r.table}.{r.column}" == role.targets[0]), "")
    return replace(role, kind="table", targets=(to,)) if to else role


_PEOPLE = {"person", "people", "user", "customer", "client", "member", "employee", "patient", "student", "guest"}


def _people(table: Table) -> bool:
    names = (table.name, *table.synonyms)
    return bool(_PEOPLE & {single(word) for name in names for word in words(name)})


def _kind(hint: Hint, catalog: Catalog) -> str:
    if hint.kind in ("value", "number"):
        return hint.kind[0]
    if hint.kind == "time":
        return "d"
    if hint.kind == "table":
        return "t"
    table, _, name = hint.targets[0].rpartition(".")
    owner = catalog.table(table)
    said = [single(word) for word in words(hint.span)]
    if said == [single(word) for word in words(owner.name)]:
        return "t"
    if name in {column.name for column in flags(owner)}:
        return "f"
    timed = name in {column.name for column in times(owner)}
    own = said == [single(word) for word in words(name)] or {"date", "day", "time", "timestamp"} & {*said}
    return "w" if timed and not own else "c"


def table_of(hint: Hint) -> str:
    """The full name of the table that a hint is about."""
    return hint.targets[0] if hint.kind == "table" else hint.targets[0].rpartition(".")[0]


def cut(text: str, found: re.Match[str], kept: str = "") -> str:
    """The text without what was found, or with what is kept of it."""
    return " ".join(f"{text[: found.start()]} {kept} {text[found.end() :]}".split())


def things(said: str) -> str:
    """The marks of tables in a stretch of text."""
    return " ".join(m.group() for m in MARK.finditer(said) if m[1] == "t")
