"""When the rows of a task were: its periods, two of them side by side, and days of the week."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.reader.frame import Frame, Measure, Ratio, Test
from agents.reader.marked import Marked, cut
from agents.reader.nouns import is_time
from retrieval.hints import Hint

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = re.compile(
    rf"(?:(?:made|that|which|were|happened|taken|only|falling) )*\b(?:on|at|during) (?:the |an? )?"
    rf"(?P<days>weekends?|weekdays|(?:{'|'.join(_DAYS)})s?(?: ?(?:,|and|or|&)+ ?(?:{'|'.join(_DAYS)})s?)*)"
)
_PERIOD = re.compile(
    r"(?:(?:that|which|were|was|who|have|had|been|made|issued|happened|dated|sent|only|whose) )*"
    r"(?:(?P<when><[wc]\d+>) )?(?:(?:is|was|in|during|on|of|from|at|for|over|within|between|lies|falls) )*(?P<d><d\d+>)"
)
_BESIDE = re.compile(r"\b(?:compare\w*(?: to| with)?|versus|vs|side by side|against|both|next to)\b")
_YEARS = re.compile(r"^\D*(20\d\d|19\d\d) (?:and|to) (20\d\d|19\d\d)$")
Period = tuple[str, str]


_BOTH = re.compile(
    r"\b(?:(?:both|made|on|at|during|in|of|for|the|split|by|into|compare[ds]?|between) )*(?P<a>weekends?"
    r"|weekdays?)(?: days)?"
    r" ?(?:(?:,|and|versus|vs|against|or|to|with|compared|/|on|the|at) ?)+(?P<b>weekends?|weekdays?)\b(?: days)?"
    r"(?: (?:as )?(?:separate |two )?columns)?"
)


def at_weekends(said: str) -> Test:
    """Whether a row is of a weekend, or of a weekday."""
    days = _DAYS[5:] if said.startswith("weekend") else _DAYS[:5]
    return Test((), f"dayname({{}}) IN ({', '.join(repr(day.capitalize()) for day in days)})")


def of_week(tests: list[Test]) -> bool:
    """Whether it is by the part of the week that rows are set beside others: without groups, in rows or in columns."""
    return any(test.said.startswith("dayname") for test in tests)


def unsplit(text: str) -> str:
    """The text without both parts of the week, where its columns tell them."""
    return _BOTH.sub(lambda found: " " if found["a"][:5] != found["b"][:5] else found.group(), text)


def is_day(name: str) -> bool:
    """Whether a name is that of a day of the week."""
    return name.lower().rstrip("s") in {day.rstrip("s") for day in _DAYS}


def weekdays(text: str, frame: Frame, marked: Marked) -> str:
    """`on Saturdays and Sundays`."""
    both = _BOTH.search(text)
    if both and both["a"][:5] != both["b"][:5]:
        frame.beside = [[at_weekends(both[end])] for end in "ab"]
        return cut(text, both)
    found = _WEEKDAYS.search(text)
    if found is None:
        return text
    said = found["days"]
    days = _DAYS[5:] if "weekend" in said else _DAYS[:5] if "weekday" in said else [d for d in _DAYS if d in said]
    frame.tests.append(Test((), f"dayname({{}}) IN ({', '.join(repr(day.capitalize()) for day in days)})"))
    return cut(text, found)


def periods(text: str, frame: Frame, marked: Marked) -> str:
    """`in 2025`, `signed up in March`; two that are compared become two numbers."""
    text = _changed(text, frame, marked)
    beside = bool(_BESIDE.search(text)) or bool(frame.change)
    found: list[tuple[tuple[str, ...], Period]] = []
    place = -1
    while match := _PERIOD.search(text):
        hint = marked.hint(match["d"])
        when = marked.hint(match["when"]).targets if match["when"] else ()
        timed = when if when and is_time(when, marked) else ()
        beside_it = (
            text[: match.start()].rstrip().endswith((" and", ",", "versus", "vs", "compared to", "compared with"))
            or not text[: match.start()].strip()
        )
        timed = timed or (found[-1][0] if found and place == match.start() and beside_it else ())
        found += [(timed, period) for period in _ends(hint, beside=beside)]
        kept = match["when"] if match["when"] and not timed else ""
        text = cut(text, match, kept)
        place = _following(text, match.start())
    if len(found) > 1 and (beside or not _alike(found)):
        frame.beside = [_tests(when, period) for when, period in found]
        return _BESIDE.sub(" ", text)
    frame.tests += [test for when, period in found for test in _tests(when, period)]
    return text


_CHANGES = (
    r"(?:the )?(?:(?:year[ -](?:over|on)[ -]year|yoy|relative|absolute) )?(?P<how>changes?|differences?|growth"
    r"|increases?|delta)"
)
_CHANGED = (
    re.compile(rf"{_CHANGES}(?: in| of)? (?P<what>.*?),? ?\(?(?P<a><d\d+>) (?:minus|less) (?P<b><d\d+>)\)?"),
    re.compile(rf"{_CHANGES}(?: in| of)? (?P<what>.*?)(?:from|between) (?P<b><d\d+>) (?:to|and) (?P<a><d\d+>)"),
)


_OF_YEARS = re.compile(rf"{_CHANGES}(?: in| of)? (?P<what>.*?)(?P<a><d\d+>)")


def _changed(text: str, frame: Frame, marked: Marked) -> str:
    """`the change in revenue from 2024 to 2025`: the later of two periods less the earlier."""
    found = next((match for pattern in _CHANGED if (match := pattern.search(text))), None)
    both = None if found else _OF_YEARS.search(text)
    if both and _YEARS.match(marked.hint(both["a"]).span.lower()):
        found = both
    if found is None or len(re.findall("<d", text)) != (1 if found is both else 2):
        return text
    percent = found["how"] == "growth" or re.search(r"percent|%", text)
    frame.change = "growth" if percent else "difference"
    said = re.sub(r"^(?:in )?(?:percent(?:age)?|%)(?: of)? ", "", found["what"])
    what = said if re.match(r"(?:the )?(?:number|count|total|average|mean|median)\b", said) else f"total {said}"
    days = found["a"] if found is both else f"{found['b']} and {found['a']}"
    made = " ".join(f"{text[: found.start()]} {what} {days} {text[found.end() :]}".split())
    return re.sub(r",? ?\(?\b(?:in|as a) (?:percent(?:age)?|%)\)?", " ", made) if percent else made


def _following(text: str, place: int) -> int:
    """Where the next period of a list would begin."""
    found = re.compile(r" ?(?:and|,|versus|vs|compared to|compared with)+ ").match(text, max(place - 1, 0))
    return found.end() if found else -1


def _alike(found: list[tuple[tuple[str, ...], Period]]) -> bool:
    """Whether several periods can hold for one row: each of a column of its own."""
    return len({when for when, _ in found}) == len(found)


def _ends(hint: Hint, *, beside: bool) -> list[Period]:
    since, until = hint.literals
    if beside and (years := _YEARS.match(hint.span.lower())):
        return [(f"{year}-01-01", f"{int(year) + 1}-01-01") for year in years.groups()]
    return [(since, until)]


def _tests(when: tuple[str, ...], period: Period) -> list[Test]:
    since, until = period
    pairs = ((">=", since), ("<", until))
    return [Test(when, f"{{}} {sign} '{day}'") for sign, day in pairs if day]


def set_beside(frame: Frame) -> None:
    """Each number once for each of the periods that are compared."""
    if frame.beside:
        plain = [number for number in frame.numbers if isinstance(number, Measure)]
        frame.numbers = [replace(n, tests=(*n.tests, *tests)) for n in plain for tests in frame.beside]
        if frame.change and len(plain) == 1 and len(frame.beside) == 2:
            earlier, later = (number for number in frame.numbers if isinstance(number, Measure))
            made = Ratio(later, earlier, minus=True, percent=frame.change == "growth")
            shown = len(frame.outputs) - len(frame.groups) == len(frame.numbers) + 1
            frame.numbers = [*frame.numbers, made] if shown else [made]
