"""The columns that a task lists, each as what it names: a column of the rows, a number of them, or made of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agents.columns import keys, times
from agents.reader.bearing import BEARING
from agents.reader.conditions import as_zero, like
from agents.reader.counted import counted
from agents.reader.frame import Frame, Group, Measure, Number, Ratio, Targets, Test, measures_of
from agents.reader.holding import holding
from agents.reader.marked import IDLE, MARK, Marked, table_of
from agents.reader.nouns import amount, divisor, is_measure, is_time, moment, noun, owner, rows
from agents.reader.numbers import numbers
from agents.reader.others import without
from agents.reader.pairs import compared, later
from agents.reader.periods import at_weekends, periods
from data.catalog import Table
from data.naming import single, words

UNITS = {"date": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
         "hour": "hour", "weekday": "weekday", "decade": "decade"}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """A column: its name, what the task says of it, and both in marks."""

    name: str
    said: str = ""
    marks: str = ""
    told: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(single(word) for word in words(re.sub(r"['’]s\b", "", self.name)))


@dataclass(frozen=True)
class Cell:
    """What stands in a column: a column of the rows (at most `column` is set), the number at a place, or `formula`, in
    which `{2}` is the number at that place. `way` is a number made of those of other rows: running, moving, before."""

    number: int = -1
    formula: str = ""
    way: str = ""
    rows: int = 0
    column: Targets = ()
    unit: str = ""
    """Of a period, what it is cut to."""

    @property
    def is_key(self) -> bool:
        """Whether it is a column of the rows."""
        return self.number < 0 and not self.formula and not self.way


@dataclass
class Items:
    """The columns of a task over its frame."""

    wanted: Sequence[Wanted]
    frame: Frame
    marked: Marked
    near: frozenset[str]
    """The tables that the task names."""
    numbers: list[Number] = field(default_factory=list)
    body: list[Number] = field(default_factory=list)
    """The numbers that the task names besides its columns."""
    text: str = ""
    """The whole task, in marks."""

    def cells(self) -> list[Cell] | None:
        """What each column is; None where one of them can't be told."""
        found = {at: cell for at, want in enumerate(self.wanted) if (cell := self._plain(want)) is not None}
        for read in (self._made, self._of_body, self._made, self._of_body):
            for at, want in enumerate(self.wanted):
                if at not in found and (cell := read(want, found)) is not None:
                    found[at] = cell
        return [found[at] for at in range(len(self.wanted))] if len(found) == len(self.wanted) else None

    @property
    def subject(self) -> str:
        first = self.body[0] if self.body else None
        table = next(measures_of(first)).table if first else ""
        return table or self.frame.subject or next(iter(sorted(self.near)), "")

    def columns(self, want: Wanted) -> Targets:
        """The columns that a name may mean, those of tables that the task names first."""
        said = want.words[1:] if len(want.words) > 1 and want.words[0] in _GENERAL else want.words
        every = [
            f"{table.full_name}.{column.name}"
            for table in self.marked.catalog.tables
            for column in table.columns
            if tuple(single(word) for word in words(column.name)) == said
        ]
        own = tuple(target for target in every if target.rpartition(".")[0] in self.near)
        first = f"{self.frame.subject}.{'_'.join(said)}"
        return (first,) if said != want.words and first in own else own or tuple(every)

    def title(self, want: Wanted) -> Targets:
        """The column of a thing that a name tells: `merchant name`, `artist`, `sender's name`."""
        said, catalog = list(want.words), self.marked.catalog
        for link in catalog.relationships:
            parent = catalog.table(link.to_table)
            role = len(said) > 1 and said[0] == words(link.column)[0] and link.table in self.near
            if role and (named := _column_of(parent, said[1:])):
                return (f"{parent.full_name}.{named}",)
        for table in catalog.tables:
            thing = [single(word) for word in words(table.name)]
            if said == thing and table.label:
                return (f"{table.full_name}.{table.label}",)
            if (
                len(said) > len(thing)
                and said[: len(thing)] == thing
                and (column := _column_of(table, said[len(thing) :]))
            ):
                return (f"{table.full_name}.{column}",)
        return ()

    def roles(self) -> frozenset[str]:
        """The parts of things that columns tell of: sender and receiver of `sender_country` and `receiver_country`."""
        links = self.marked.catalog.relationships
        found: set[str] = set()
        for link in links:
            several = sum((one.table, one.to_table) == (link.table, link.to_table) for one in links) > 1
            role = words(link.column)[0]
            if (
                several
                and link.table in self.near
                and any(
                    len(want.words) > 1 and want.words[0] == role and not self.columns(want) for want in self.wanted
                )
            ):
                found.add(role)
        return frozenset(found)

    def _things(self, want: Wanted) -> bool:
        """Whether a name is a number of things, not the name of one: `artists`."""
        targets = self.title(want)
        return (want.name.lower().endswith("s") and len(want.words) == 1) or is_measure(targets, self.marked)

    def _plain(self, want: Wanted) -> Cell | None:
        if (unit := self._unit(want)) and not (want.said and self._measure(want) is not None):
            self.frame.groups += [] if self._timed(unit) else [Group(unit=unit)]
            return Cell(unit=unit)
        if any(group.classes for group in self.frame.groups) and _CLASS.search(want.name):
            return Cell(way="class")
        if (part := self._part(want) or self._side(want)) is not None:
            return self._kept(part)
        targets = self.columns(want)
        if (kinds := self._kinds(want, targets)) is not None:
            return self._kept(kinds)
        if targets and not is_measure(targets, self.marked):
            many = next((one for one in self.body if want.name.lower().endswith("s") and _distinct(one, targets)), None)
            return self._kept(many) if many is not None else Cell()
        if (column := self._keyed(want)) and not targets:
            return Cell(column=column)
        if (title := self.title(want)) and not self._things(want):
            of_role = want.words[0] not in {single(word) for word in words(owner(title).rpartition(".")[2])}
            return Cell(column=title if of_role and not self.frame.roles else ())
        made = self._measure(want)
        return self._kept(self._theirs(want, made)) if made is not None else None

    def _theirs(self, want: Wanted, made: Number) -> Number:
        """`active subscriptions and their total price`: that of those which the column before it counts."""
        last = self.numbers[-1] if self.numbers else None
        if not re.search(r"\b(?:their|its)\b", want.name, re.I) or not isinstance(made, Measure) or made.tests:
            return made
        counts = isinstance(last, Measure) and last.function == "count" and last.table == made.table
        return replace(made, tests=last.tests) if counts and isinstance(last, Measure) else made

    def _part(self, want: Wanted) -> Number | None:
        """The rows that a share in another column is of, or that share: `inactive` beside `inactive_share`."""
        ratios = [one for one in self.body if isinstance(one, Ratio) and one.bottom and not one.minus]
        if len(ratios) != 1 or want.said:
            return None
        bare, whole = _SHARE_OF.sub("", want.name), [_SHARE_OF.sub("", one.name) for one in self.wanted]
        if not bare or whole.count(bare) != 2 or sum(one.name == bare for one in self.wanted) != 1:
            return None
        return ratios[0].top if want.name == bare else replace(ratios[0], percent=not self.as_fraction(want))

    def as_fraction(self, want: Wanted) -> bool:
        """Whether a share is told as a part of 1: `tipped_share`, where nothing says percent."""
        named = re.search(r"_(?:share|fraction|proportion|rate|ratio)$", want.name, re.I)
        return bool(named) and not re.search(r"percent(?!ile)|pct|%", f"{self.text} {want.said}", re.I)

    def _side(self, want: Wanted) -> Number | None:
        """A number that is compared with another, by the verb for its rows: `refunded` for what was refunded."""
        if want.said or not want.name.lower().endswith("ed") or not re.fullmatch(r"<t\d+>", want.marks):
            return None
        ratios = [one for one in self.body if isinstance(one, Ratio) and one.bottom]
        sides = [m for one in ratios for m in measures_of(one) if m.table == noun(want.marks, self.marked).table]
        return sides[0] if len(sides) == 1 else None

    def _kinds(self, want: Wanted, targets: Targets) -> Number | None:
        """How many values a column has, where it is called by its plural: `genres` of `different genres`."""
        said = re.fullmatch(r"(?:number of|how many) (?:different |distinct |unique )?(?P<c><c\d+>)", want.marks)
        targets = self.marked.hint(said["c"]).targets if said and not targets else targets
        if (
            want.said
            or not want.name.lower().endswith("s")
            or any(set(g.column) & set(targets) for g in self.frame.groups)
        ):
            return None
        apart = [m for one in self.body for m in measures_of(one) if m.function == "distinct"]
        return next((one for one in apart if set(one.column) & set(targets)), None)

    def _keyed(self, want: Wanted) -> Targets:
        """The column that the words of a name are linked to, where rows are put together by it or nothing is."""
        if not re.fullmatch(r"(?:<[tc]\d+> ?)+", want.marks) or "<c" not in want.marks:
            return ()
        column = noun(want.marks, self.marked).column
        if not column or is_measure(column, self.marked) or is_time(column, self.marked):
            return ()
        own = [group.column for group in self.frame.groups if set(group.column) & set(column)]
        named = [group.column for group in self.frame.groups if _ends(group.column, want.words)]
        return own[0] if own else named[0] if len(named) == 1 else () if self.frame.groups else column

    def _unit(self, want: Wanted) -> str:
        """The period that a name is of: `month`, `week_start`, `signup_month` where rows are put together by months."""
        said = words(want.name)
        if (kind := _WEEKEND.get(" ".join(said))) and not (set(re.findall(r"[a-z]+", want.told)) - _OF_WEEK):
            return kind
        if len(said) == 1:
            return UNITS.get(said[0], "")
        if said[0] in ("hour", "day") and said[1:] in (["of", "day"], ["of", "the", "day"], ["of", "week"]):
            return "weekday" if said[-1] == "week" else "hour"

        if " ".join(said) in ("weekday name", "day name", "day of week", "day of the week", "name of the weekday"):
            return "weekday"
        if said[0] in UNITS and said[1:] in (["start"], ["begin"], ["beginning"]):
            return UNITS[said[0]]
        unit = UNITS.get(said[-1], "")
        return unit if unit and self._timed(unit) and not self.columns(want) else ""

    def _timed(self, unit: str) -> bool:
        return any(group.unit == unit for group in self.frame.groups)

    def _kept(self, number: Number) -> Cell:
        if number not in self.numbers:
            self.numbers.append(number)
        return Cell(self.numbers.index(number))

    def _measure(self, want: Wanted) -> Number | None:
        if _MADE.search(" ".join(words(want.name))):
            return None
        for text in filter(None, (want.told, want.marks)):
            if (held := holding(text, self.numbers, self.subject, self.marked)) is not None:
                return self._of_all(held)
        if re.fullmatch(r"distinct|unique|different", want.told) and re.fullmatch(r"(?:number of )?<t\d+>", want.marks):
            return self._number(f"number of distinct {want.marks.removeprefix('number of ')}")
        if (things := self._shared_out(want)) is not None:
            return things
        if (doers := self._doers(want)) is not None:
            return doers

        if not want.told and _MONEY.fullmatch(" ".join(words(want.name))) and "<" not in want.marks:
            return self._money()
        narrows = bool(_NARROWS.match(want.told))
        for text in (want.marks,) if narrows else dict.fromkeys((want.told, want.marks)):
            if text and not _MADE.search(text) and (made := self._number(_plainly(text))) is not None:
                if text == want.marks and want.told and not self._remark(want.told):
                    return self._where(want, made)
                return self._known(made)
        if not want.told or _MADE.search(want.told) or not self.subject:
            return None
        return self._where(want, rows(self.subject))

    def _of_all(self, held: Measure) -> Measure:
        """The number with what the body asks of its rows: captured payments, of which some are disputed."""
        told = {m.tests for one in self.body for m in measures_of(one) if m.table == held.table}
        own = {test.column for test in held.tests}
        more = tuple(test for test in next(iter(told)) if test.column not in own) if len(told) == 1 else ()
        return replace(held, tests=(*more, *held.tests))

    def _shared_out(self, want: Wanted) -> Number | None:
        """The things over which another column shares out its number: cards that have rows, for `revenue_per_card`."""
        thing = re.fullmatch(r"(?:number of |distinct |unique )*(?P<t><t\d+>)", want.marks)
        over = next((one for one in self.wanted if one.words[-2:] == ("per", *want.words[-1:])), None)
        body = next((one for one in self.body if isinstance(one, Measure)), None) if thing and over else None
        body = body or (self._numerator(over) if thing and over else None)
        link = self.marked.link(body.table, noun(thing["t"], self.marked).table) if thing and body else None
        if link is None or body is None or any(found[1] in "nd" for found in MARK.finditer(want.told)):
            return None
        return Measure("distinct", body.table, (f"{link.table}.{link.column}",), body.tests)

    def _doers(self, want: Wanted) -> Number | None:
        """How many different ones a column tells of, by the word for them: `listeners`."""
        if want.said or not re.fullmatch(r"(?:(?:distinct|unique|different) )?<c\d+>", want.marks):
            return None
        column = noun(want.marks, self.marked).column
        table, one = self.marked.column(column[0])
        if not want.name.lower().endswith("s") or one.name not in keys(self.marked.catalog, table):
            return None
        if any(set(column) & set(group.column) for group in self.frame.groups):
            return None
        return self._known(Measure("distinct", owner(column, self.near), column))

    def _money(self) -> Number | None:
        """The dollars of the rows that the number before them counts."""
        last = self.numbers[-1] if self.numbers else None
        table = last.table if isinstance(last, Measure) else self.subject
        size = amount(self.marked, self.marked.table(table)) if table else ()
        if not size or self.marked.column(size[0])[1].unit != "USD":
            return None
        tests = last.tests if isinstance(last, Measure) else ()
        return self._known(Measure("sum", table, size, tests))

    def _numerator(self, over: Wanted) -> Measure | None:
        """The column that `revenue_per_card` shares out."""
        told = next((one for one in self.wanted if one.words == over.words[:-2]), None)
        made = self._measure(told) if told else None
        return made if isinstance(made, Measure) else None

    def _remark(self, told: str) -> bool:
        """Whether what is said of a column asks nothing of it."""
        asks = any(found[1] in "vfnd" for found in MARK.finditer(told))
        return not asks and not any(word in BEARING for word in re.findall(r"[a-z]+", MARK.sub(" ", told)))

    def _where(self, want: Wanted, made: Number) -> Number | None:
        """The number over the rows of which the task says something in brackets."""
        if not isinstance(made, Measure):
            return None
        frame = Frame(subject=made.table, text=want.told)
        left = want.told
        for clause in (as_zero, compared, later, periods, without, like):
            left = clause(left, frame, self.marked)
        if frame.filled:
            return self._known(replace(made, filled=True))
        tests = [*frame.tests, *noun(left, self.marked).tests]
        tests += [Test(targets, " IS NOT NULL") for targets in _having(left, self.marked)]
        if null := re.fullmatch(r"(?P<c><[cw]\d+>) (?:is )?(?:null|missing|empty|not set)", left.strip()):
            tests.append(Test(self.marked.hint(null["c"]).targets, " IS NULL"))
            left = ""
        words_left = re.findall(r"[a-z]+", MARK.sub(" ", left))
        if not tests or frame.among or any(word in BEARING - {"only", "but"} for word in words_left):
            return None
        return self._known(replace(made, tests=(*made.tests, *tests)))

    def _number(self, text: str) -> Number | None:
        """The number that a phrase is, all of it."""
        if (told := _IN_UNIT.fullmatch(text)) and "<c" in told["of"]:
            return self._in_unit(told["of"], told["unit"])
        if re.fullmatch(r"(?:the )?(?:count|n|cnt|num|number|rows|how (?:many|often)|occurrences|frequency)", text):
            return rows(self.subject)
        if _THERE.fullmatch(text) and self.subject:
            return rows(self.subject)
        if (used := _USED.fullmatch(text)) and (made := self._used(table_of(self.marked.hint(used["t"])))) is not None:
            return made
        if (alone := self._alone(text)) is not None:
            return alone
        if some := counted(text, [want.marks for want in self.wanted], self.marked, self._tables() | {self.subject}):
            return self._counted(some) if owner(some[0].column, self.near) in self._tables() else None
        if lasting := _LASTING.fullmatch(text):
            return self._lasting(lasting["f"] or "", single(lasting["unit"]))
        if verb := re.fullmatch(r"(?:number of |how many )?(?:of them )?(?:were |was |are |got )?(?P<w><w\d+>)", text):
            targets = self.marked.hint(verb["w"]).targets
            table, column = self.marked.column(targets[0])
            return (
                rows(table.full_name)
                if column.name == table.time
                else Measure("count", owner(targets, self.near), targets)
            )
        if lacks := _LACKS.fullmatch(text):
            return rows(
                noun(lacks["t"], self.marked).table, (*noun(lacks["t"], self.marked).tests, *self.lacking(text))
            )
        if week := _WEEK.fullmatch(text):
            made = self._number(week["a"] or week["b"] or week["c"])
            test = at_weekends(week.group().partition("week")[1] + week.group().partition("week")[2])
            return replace(made, tests=(*made.tests, test)) if isinstance(made, Measure) else None
        frame = Frame()
        if done := _DONE.search(text):
            table, column = self.marked.column(self.marked.hint(done["w"]).targets[0])
            frame.tests += (
                [] if column.name == table.time else [Test((f"{table.full_name}.{column.name}",), " IS NOT NULL")]
            )
            text = text[: done.start()]
        text = periods(text, frame, self.marked).strip()
        frame.tests = [
            test
            if not test.column or {target.rpartition(".")[0] for target in test.column} & self.near
            else replace(test, column=())
            for test in frame.tests
        ]
        if frame.tests and not text:
            base = (
                next((one for one in self.body if isinstance(one, Measure)), None)
                or self._asked()
                or rows(self.subject)
            )
            return replace(base, tests=(*base.tests, *frame.tests))
        if re.fullmatch(r"(?:<[vf]\d+> ?(?:or |and |, )?)+", text) and (tests := noun(text, self.marked).tests):
            known = self._tables()
            return self._counted(tests) if owner(tests[0].column, known) in known else None
        if re.match(r"(?:has|is|was|have|are) ", text):
            return None
        if had := _filled_in(text, self.marked):
            of = owner(had, self.near)
            return rows(of, (Test(had, " IS NOT NULL"),)) if of in self._tables() else None
        if re.fullmatch(r"(?:the )?(?:total|all|overall)", text) and self._states():
            return rows(self.subject)
        if re.fullmatch(
            r"(?:the )?(?:total |sum of )?(?:total|sum|amount|mrr|gmv|tpv|dollars|usd|revenue|turnover|sales"
            r"|spend|spent"
            r"|volume|value|money)(?: amount| value| usd)?",
            text,
        ):
            size = amount(self.marked, self.marked.table(self.subject)) if self.subject else ()
            counted_ = next(
                (n for n in reversed(self.numbers) if isinstance(n, Measure) and n.table != self.subject), None
            )
            if not size and counted_ and (size := amount(self.marked, self.marked.table(counted_.table))):
                return Measure("sum", counted_.table, size, counted_.tests)
            last = self.numbers[-1] if self.numbers and text in ("sum", "the sum") else None
            tests = last.tests if isinstance(last, Measure) and last.table == self.subject else ()
            return Measure("sum", self.subject, size, tests) if size else None
        found, left = numbers(text, self.marked, self.subject)
        if len(found) != 1:
            return None
        rest = [word for word in re.findall(r"<\w+>|[a-z]\w*", left) if word not in IDLE and word not in _LOOSE]
        if any(word.startswith("<") or word in BEARING for word in rest):
            return None
        made = self._where_told(found[0], text)
        return replace(made, tests=(*made.tests, *frame.tests)) if frame.tests and isinstance(made, Measure) else made

    def _used(self, table: str) -> Number | None:
        """How many things the rows are of: `how many cards were used` of payments."""
        link = self.marked.link(self.subject, table) if self.subject else None
        return self._known(Measure("distinct", link.table, (f"{link.table}.{link.column}",))) if link else None

    def _alone(self, text: str) -> Number | None:
        """A function by itself, of the only number that the task names: `mean` of the fees."""
        function = _CALLED.get(text) or ("sum" if text in ("sum", "total") else "")
        able = {one for one in self.frame.columns if is_measure(one, self.marked)}
        if not function or len(able) != 1 or self.body:
            return None
        column = able.pop()
        return Measure(function, owner(column, self.near), column)  # type: ignore[arg-type]

    def _asks_more(self, want: Wanted) -> bool:
        """Whether a column that has no number of its own asks for other rows than the body's."""
        near = self._tables() | {self.subject}
        marks = [m for m in MARK.finditer(want.marks) if m[1] in "vfwn"]
        owners = [{t.rpartition(".")[0] for t in self.marked.hint(m.group()).targets} for m in marks]
        return bool(_ASKS_MORE.search(want.marks)) or any(not owner_ or owner_ & near for owner_ in owners)

    def _asked(self) -> Measure | None:
        """The sum of the only column of amounts that the task names, where it asks for no number: `compare revenue`."""
        sizes = [one for one in dict.fromkeys(self.frame.columns) if one and is_measure(one, self.marked)]
        return Measure("sum", owner(sizes[0], self.near), sizes[0]) if len(sizes) == 1 else None

    def _where_told(self, made: Number, text: str) -> Number:
        """`captured amount`: the amount of what is captured, where several tables have one."""
        if not isinstance(made, Measure) or not made.column or len(made.tests) != 1 or not made.tests[0].column:
            return made
        table, name = owner(made.tests[0].column, {made.table}), made.column[0].rpartition(".")[2]
        own = f"{table}.{name}"
        every = {target for mark in MARK.finditer(text) if mark[1] == "c" for target in self.full(mark.group())}
        return replace(made, table=table, column=(own,)) if table != made.table and own in every else made

    def full(self, mark: str) -> Targets:
        """All columns that a word may name, also those of tables that nothing else names."""
        span = self.marked.hint(mark).span.lower()
        targets = self.marked.hint(mark).targets
        named = {target.rpartition(".")[2] for target in targets}
        return tuple(
            f"{table.full_name}.{column.name}"
            for table in self.marked.catalog.tables
            for column in table.columns
            if column.name in named and single(span) == single(column.name)
        )

    def _tables(self) -> frozenset[str]:
        return self.near | {m.table for one in self.numbers for m in measures_of(one)}

    def _in_unit(self, of: str, unit: str) -> Number | None:
        """A length of time in another unit than that of its column: `average duration in minutes`."""
        made = self._number(of)
        per = divisor(unit, made.column, self.marked) if isinstance(made, Measure) and made.column else 0
        return replace(made, per=per) if isinstance(made, Measure) and per else None

    def _states(self) -> set[Targets]:
        """The columns of which a value is counted in a column of its own."""
        alone = [
            want.marks for want in self.wanted if re.fullmatch(r"(?:number of )?<[vf]\d+>(?: <t\d+>)?", want.marks)
        ]
        return {test.column for said in alone for test in noun(said, self.marked).tests}

    def bare(self) -> None:
        """Ask of the body's numbers no state that has a column of its own beside a rate or share: those are of all."""
        states = self._states()
        if not states or not any(re.search("rate|share|percent|pct|total", want.name, re.I) for want in self.wanted):
            return
        self.body = [
            replace(one, tests=tuple(t for t in one.tests if t.column not in states))
            if isinstance(one, Measure)
            else one
            for one in self.body
        ]

    def _counted(self, tests: tuple[Test, ...]) -> Number:
        """The rows in a state; the body's number over them, where it has one."""
        base = next((one for one in self.body if isinstance(one, Measure)), None)
        table = owner(tests[0].column, (self.subject, *self.near))
        if base and base.table == table and (base.function == "sum" or self._spread()):
            kept = tuple(test for test in base.tests if test.column != tests[0].column)
            return replace(base, tests=(*kept, *tests))
        return rows(table, tests)

    def lacking(self, text: str) -> tuple[Test, ...]:
        """What rows are to have, or not to have: `users without a phone number`."""
        found = _LACKS.search(text)
        if found is None:
            return ()
        present = found["how"] in ("with", "that have", "having")
        return (Test(self.marked.hint(found["c"]).targets, f" IS {'NOT ' if present else ''}NULL"),)

    def _spread(self) -> bool:
        """Whether the columns are the values of one column, for each of which the body's number is wanted."""
        alone = [want.marks for want in self.wanted if re.fullmatch(r"<[vf]\d+>", want.marks) and not want.said]
        rest = [want for want in self.wanted if want.marks not in alone and not self.columns(want)]
        return len(alone) > 1 and not rest and len(self.body) == 1

    def _lasting(self, function: str, unit: str) -> Number | None:
        """The time between two moments: that of the body, or from the beginning of a thing to its end."""
        name = _EXTREMES.get(function, "median" if function == "median" else "avg")
        for one in self.body:
            for measure in measures_of(one):
                if measure.until:
                    return replace(measure, function=name if function else measure.function)  # type: ignore[arg-type]
                per = divisor(unit, measure.column, self.marked) if measure.column else 0
                if per and isinstance(one, Measure):
                    return replace(measure, function=name if function else measure.function, per=per)  # type: ignore[arg-type]
        if not self.subject:
            return None
        table = self.marked.table(self.subject)
        ends = sorted((c.name for c in times(table)), key=lambda n: n != table.time)
        timed = amount(self.marked, table, "long")
        if timed and unit in ("hour", "minute", "second") and (per := divisor(unit, timed, self.marked)):
            return Measure(name if function else "sum", self.subject, timed, per=per)  # type: ignore[arg-type]
        if len(ends) != 2:
            return None
        first, last = (f"{self.subject}.{end}" for end in ends)
        return Measure(name, self.subject, (first,), (), (last,), unit)  # type: ignore[arg-type]

    def _known(self, made: Number) -> Number:
        """The number with what the body asks of the rows of its own."""
        if not isinstance(made, Measure):
            return made
        made = self._of_counted(made)
        if made.function == "count" and not made.column and not made.tests:
            key = (f"{made.table}.{self.marked.table(made.table).key}",)
            for one in self.body:
                if isinstance(one, Measure) and one.function == "distinct" and self._same_thing(one.column, key):
                    return one
        if made.per != 1:
            return made
        alike = [
            one
            for one in self.body
            if isinstance(one, Measure) and (one.function, one.column) == (made.function, made.column)
        ]
        if alike and not made.tests and alike[0].table == made.table:
            return alike[0]
        told = {m.tests for one in self.body for m in _bases(one) if m.table == made.table}
        if len(told) == 1:
            mine = {test.column for test in made.tests}
            return replace(made, tests=(*(t for t in next(iter(told)) if t.column not in mine), *made.tests))
        return made

    def _of_counted(self, made: Measure) -> Measure:
        """The first moment of a thing's rows, not of the thing, which has one: `when the first of them signed up`."""
        things = {group.table for group in self.frame.groups if group.table and not group.column and not group.unit}
        tables = {m.table for one in self.body for m in measures_of(one)} - things
        if made.function not in ("min", "max") or made.table not in things or len(tables) != 1:
            return made
        when = moment(self.marked, table := tables.pop())
        own = made.column == moment(self.marked, made.table)
        return replace(made, table=table, column=when) if when and own else made

    def _same_thing(self, column: Targets, key: Targets) -> bool:
        """Whether a column is a key, or points at it."""
        links = self.marked.catalog.relationships
        return bool(set(column) & set(key)) or any(
            f"{link.table}.{link.column}" in column and f"{link.to_table}.{link.to_column}" in key for link in links
        )

    def _made(self, want: Wanted, found: dict[int, Cell]) -> Cell | None:
        from agents.reader.formula import formula

        return formula(want, found, self)

    def _of_body(self, want: Wanted, found: dict[int, Cell]) -> Cell | None:
        """The number of the body that no column has taken, where there is one."""
        if self._asks_more(want):
            return None
        taken = {self.numbers[cell.number] for cell in found.values() if cell.number >= 0 and not cell.way}
        left = [one for one in self.body if one not in self.numbers or (len(self.body) == 1 and one not in taken)]
        if (called := _function(want)) and (told := [one for one in left if _is(one, called)]):
            return self._kept(told[0]) if len(told) == 1 else None
        if called and left and not _is(left[0], called):
            return None
        open_ = [
            one for at, one in enumerate(self.wanted) if at not in found and not _MADE.search(f"{one.name} {one.said}")
        ]
        return self._kept(left[0]) if len(left) == len(open_) and want in open_ else None


_ASKS_MORE = re.compile(r"\b(?:no|not|without|never|none|missing|lack\w*|have|has|had)\b")
_THERE = re.compile(
    r"(?:how many|the number)(?: of them)?(?: (?:there|we|have|had))*(?: (?:are|were|was|have been|made|there"
    r"|done|issued"
    r"|in (?:all|total)|altogether|all in all))+"
)
_USED = re.compile(
    r"(?:how many|number of)(?: different| distinct| unique)? (?P<t><t\d+>)(?: that)?(?: (?:were|was|are|had"
    r" been|ever))*"
    r" (?:<w\d+>|used|active|involved|affected|traded|concerned|seen)"
)


def _ends(column: Targets, said: tuple[str, ...]) -> bool:
    """Whether a column's name ends in words: `coin` of `from_coin`."""
    own = [single(word) for word in words(column[0].rpartition(".")[2])] if column else []
    return len(own) > len(said) and tuple(own[-len(said) :]) == said


_WEEKEND = {
    "day type": "weekend",
    "day kind": "weekend",
    "type of day": "weekend",
    "kind of day": "weekend",
    "day class": "weekend",
    "weekend or weekday": "weekend",
    "weekday or weekend": "weekend",
    "weekend weekday": "weekend",
    "is weekend": "is_weekend",
    "weekend flag": "is_weekend",
}
_OF_WEEK_WORDS = """
weekend weekends weekday weekdays for saturday sunday and otherwise else or on is the if rest days day
all other monday friday to true false sat sun mon fri when
"""
_OF_WEEK = frozenset(_OF_WEEK_WORDS.split())
_MONEY = re.compile(
    r"(?:total |sum of )?(?:the )?(?:dollars?|usd|money|dollar (?:amount|value|volume))(?: (?:in total"
    r"|[a-z]+(?:ed|id|nt)))?"
)
_GENERAL = frozenset(["account", "current", "present", "full", "own"])
"""What may stand before the name of a column without telling another one."""
_CLASS = re.compile(r"bucket|class|band|bracket|tier|segment|range|label|group|bin\b|size|category", re.I)
_MADE = re.compile(
    r"/|\*|\bdivided by\b|\bminus\b|\bless\b|\bshare\b|\bpercent(?!ile)|\bpct\b|\brates?\b|\bratio\b"
    r"|\brunning\b|\bcumulative"
    r"|\bprev(?:ious)?\b|\bprior\b|\bpreceding\b|\blag(?:ged)?\b"
    r"|\bchange\b|\bgrowth\b|\brank|\bto date\b|\bso far\b|\bdiff|\bdelta\b|\bmoving\b|\brolling\b"
    r"|\bfraction\b|%|\b\d+d\b|\b\d+ ?-? ?days? (?:moving|rolling)"
)
_CALLED = {
    "median": "median", "std": "stddev", "stddev": "stddev", "stdev": "stddev", "sd": "stddev", "deviation": "stddev",
    "avg": "avg", "average": "avg", "mean": "avg", "min": "min", "minimum": "min", "smallest": "min", "max": "max",
    "maximum": "max", "largest": "max",
}  # fmt: skip


def _bases(number: Number) -> Iterator[Measure]:
    """The measures that tell of which rows all is: of a share, the whole."""
    whole = isinstance(number, Ratio) and number.bottom and not number.minus and number.bottom.table == number.top.table
    if whole and isinstance(number, Ratio) and number.bottom:
        yield number.bottom
    else:
        yield from measures_of(number)


def _function(want: Wanted) -> str:
    """The function that a name tells, "" for none."""
    return next((_CALLED[word] for word in want.words if word in _CALLED), "")


def _is(number: Number, function: str) -> bool:
    """Whether a number may be called by a function: it is one, or is made of others."""
    return not isinstance(number, Measure) or number.function in (function, "quantile")


_ROWS = r"(?:number of )?(?:<v\d+> )*<t\d+>|(?:total |average )?<c\d+>|count"
_WEEK = re.compile(
    rf"(?:week(?:end|day)s? (?P<a>{_ROWS})|(?P<b>{_ROWS}) (?:on |at |during )?(?:the )?week(?:end|day)s?"
    rf"|(?P<c>total|average|number of|avg) week(?:end|day)s?)"
)
_LACKS = re.compile(
    r"(?:number of |count of |how many )?(?:the )?(?P<t>(?:<[vf]\d+> )*<t\d+>) "
    r"(?P<how>without|with no|with|lacking|that have|having) (?:an? |any )?(?P<c><[cw]\d+>)"
)
_SHARE_OF = re.compile(r"[_ ](?:share|pct|percent|percentage|rate|ratio|fraction|proportion)$", re.I)
_DONE = re.compile(r" (?:that|who|which) (?:were |was |have |has |have been |has been )?(?P<w><w\d+>)$")
_NARROWS = re.compile(
    r"(?:only|for|where|if|when|excluding|without|counting|a missing|missing|not|including|among|over|of)\b"
)
_LASTING = re.compile(
    r"(?:the )?(?:(?P<f>avg|average|mean|median|max(?:imum)?|min(?:imum)?|longest|shortest|slowest|fastest)(?:"
    r" of)? )?(?:number of )?"
    r"(?P<unit>days?|hours?|minutes?|seconds?|weeks?)(?: in between)?"
)
_IN_UNIT = re.compile(r"(?P<of>.+?) \(? ?(?:in |as )?(?P<unit>seconds|minutes|hours)(?: played| listened)? ?\)?")
_EXTREMES = {
    "max": "max", "maximum": "max", "longest": "max", "slowest": "max",
    "min": "min", "minimum": "min", "shortest": "min", "fastest": "min",
}  # fmt: skip
_LOOSE = frozenset(
    ("new", "usd", "eur", "gross", "net", "charged", "dollar", "unit", "units", "far", "ever", "whatever", "total")
)
_RULES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (
            r" \( ?(?:fraction(?:al)?(?: (?:days|hours|minutes))?(?: ?,[^()]*)?|decimals?|as an? (?:fraction"
            r"|decimal)|<n\d+> - <n\d+>"
            r"|exact|not rounded|unrounded) ?\)$",
            "",
        ),
        (r"^(?:the )?(?:n|num|nr|cnt|nb|no|number) (?:of )?(?=<[tw])", "number of "),
        (r"^((?:<v\d+> )?<t\d+>) (?:n|cnt|num|nr|count|counts|number)$", r"number of \1"),
        (r"^((?:<v\d+> )?<t\d+>) (?:total|sum|volume|value|amount|usd)(?: usd)?$", r"total \1"),
        (r"^(<t\d+>) (?:avg|average|mean)$", r"average \1"),
        (r" (?:usd|eur|dollars|in usd)$", ""),
        (r"\b(?:monthly|daily|weekly|yearly|individual|respective) ", ""),
        (r" (?:when|if|where) (?:<\w+>|[a-z]+)$", ""),
        (r"(<c\d+>) of (?:those|these|such|the same) <t\d+>$", r"\1"),
        (r"^new (?=<t)", "number of "),
        (
            r"^(first|earliest|last|latest|newest|oldest|most recent)_ ?(<t\d+>) ?_(?:at|on|date|day|time|when)$",
            r"\1 \2",
        ),
        (
            r"^(?:when|date of|day of|time of|moment of) (?:the |their |its )?(?=(?:first|earliest|last|latest"
            r"|newest|oldest) )",
            "",
        ),
        (
            r"^(?:the )?(first|earliest|last|latest) (?:one |of (?:them|these|those) )?(?:was |were "
            r"|they )?(?=<w\d+>$)",
            r"\1 ",
        ),
        (r"^(?:how many|number of) (?:of )?(?:them|these|those) (?:are |were |is )?(?=<)", ""),
    )
)


def _distinct(number: Number, column: Targets) -> bool:
    return isinstance(number, Measure) and number.function == "distinct" and bool(set(number.column) & set(column))


def _plainly(text: str) -> str:
    text = text.strip(" .,;")
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text


def _filled_in(text: str, marked: Marked) -> Targets:
    """The column of which rows have a value: `tipped`, `tipped payments`."""
    found = re.fullmatch(r"(?:number of )?(?P<c><c\d+>)(?: <t\d+>)?", text)
    hint = marked.hint(found["c"]) if found else None
    if hint is None or not hint.span.lower().endswith("ed") or not is_measure(hint.targets, marked):
        return ()
    said = hint.span.lower()
    return hint.targets if all(said not in words(target.rpartition(".")[2]) for target in hint.targets) else ()


def _having(left: str, marked: Marked) -> Iterator[Targets]:
    """The columns that rows are to have a value in: `payments that do have a tip`."""
    for found in re.finditer(r"\b(?:have|has|had|with) (?:an? |any |some )?(?P<c><c\d+>)", left):
        yield marked.hint(found["c"]).targets


def _column_of(table: Table, said: list[str]) -> str:
    """The column of a table by its words; its title by `name`."""
    if said in (["name"], ["title"]) and table.label:
        return table.label
    return next((c.name for c in table.columns if [single(word) for word in words(c.name)] == said), "")
