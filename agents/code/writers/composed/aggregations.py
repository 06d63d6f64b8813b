"""The aggregations and windows that a task for features names: a small typed grammar of their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_UNITS = {
    "second": "s", "sec": "s", "s": "s", "minute": "m", "min": "m", "m": "m", "hour": "h", "hr": "h", "h": "h",
    "day": "d", "d": "d", "week": "w", "w": "w", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip
_DAYS = {"w": 7, "month": 30, "quarter": 90, "year": 365}
_WORD = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|quarters?|years?)"
_UNIT = rf"(?:{_WORD}|[smhdw])(?!\w)"
_NUMBERS = {"one": 1, "two": 2, "three": 3, "five": 5, "six": 6, "seven": 7, "ten": 10, "thirty": 30, "ninety": 90}
_NUMBER = rf"(?:\d+|{'|'.join(_NUMBERS)})"
_AND = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+|\s*/\s*)"
_RUN = rf"(?!ones\b){_NUMBER}(?:{_AND}{_NUMBER}(?!\s*(?:th|st|nd|rd|%)))*[\s-]*{_UNIT}"
_ONE = "".join(rf"|(?<=\b{word} {one} )" for word in ("in", "over") for one in ("a", "an"))
_LENGTH = rf"(?:(?<![\w.]){_RUN}|(?:(?<=last )|(?<=past ){_ONE}){_WORD}(?!\w))"
_WINDOW = re.compile(
    r"(?:\b(?:over|in|within|during|of|for|from|across)\s+)?(?:the\s+|an?\s+)?"
    r"(?:\b(?:last|past|previous|trailing|rolling)\s+)?"
    rf"(?P<lengths>{_LENGTH}(?:{_AND}(?:{_RUN}|(?:(?:an?|one)\s+)?{_WORD}(?<!s)(?!\w)))*)(?:\s+windows?\b)?",
    re.I,
)
_PIECE = re.compile(
    rf"(?P<numbers>{_NUMBER}(?:{_AND}{_NUMBER})*)[\s-]*(?P<unit>{_UNIT})|(?P<alone>{_WORD})(?!\w)", re.I
)


@dataclass(frozen=True)
class Aggregation:
    """`function` of the words `of`, over windows such as 7d."""

    function: str
    of: str = ""
    over: tuple[str, ...] = ()
    quantile: float = 0.5


_WORDS: tuple[tuple[str, str], ...] = (
    (
        r"(?:time|seconds|minutes|hours|days) since (?:(?:the |its |their )?(?:last|latest|most recent|newest)"
        r"|(?:that|this|then))|recency of",
        "age",
    ),
    (r"(?P<share>\d{1,2})(?:th|st|nd|rd) percentile(?: of)?|\bp(?P<p>\d{1,2})\b(?: of)?", "quantile"),
    (r"median(?: of)?", "quantile"),
    (r"(?:(?:number|count) of |how many )?(?:the )?(?:different|distinct|unique)", "approx_distinct"),
    (r"(?:number|count) of|how many|how often|(?:number|count)(?=,? (?:and|,) )|(?:number|count)(?= and )", "count"),
    (r"(?:sum|total)(?: amount)? of|total|summed|how (?:much|long)|sum", "sum"),
    (r"(?:average|mean|avg)(?: of)?", "avg"),
    (r"(?:largest|biggest|highest|maximum|max|longest)(?: of)?", "max"),
    (r"(?:smallest|lowest|minimum|min|shortest)(?: of)?", "min"),
    (
        r"(?:last|latest|most recent|newest)(?! \d)(?!(?:ly)? (?:second|minute|hour|day|week|month|quarter|year)s?\b)",
        "last",
    ),
)
_AGGREGATE = re.compile("|".join(rf"(?P<f{n}>\b(?:{pattern}))" for n, (pattern, _) in enumerate(_WORDS)), re.I)


_BEHIND = re.compile(
    r"(?P<of>\b(?:(?!and\b|or\b|the\b|over\b|of\b|for\b|plus\b|with\b)[\w-]+ ){1,3})(?P<f>added up|summed"
    r"(?: up)?|totall?ed|averaged|totals?|sums?|averages?)(?=,? (?:over|in|within|during|across|for|per|of each"
    r"|by)\b|[,.]|$)",
    re.I,
)


SOME = ""
"""The function of what is named without one: a number is added up, things are counted."""
_LAST = re.compile(
    r"\b(?:the )?(?P<of>[\w-]+)(?P<done>(?: (?:was|were|is|has been))? \w+ed)? (?:last|most recently)(?=,| and\b"
    r"|$| over\b| in\b)",
    re.I,
)
_AGAIN = re.compile(
    rf"(?P<a>\b{_NUMBER}[\s-]*{_UNIT})(?: windows?)?(?:,| and| or|, and) (?:also )?(?:(?:over|in|within|for|during) )?"
    rf"(?:the )?(?:last |past |previous )?(?={_NUMBER}[\s-]*{_UNIT})",
    re.I,
)


_SHARED = re.compile(
    rf"(?P<a>\b(?:in|over|within|for|last|past|previous) (?:the )?(?:last |past )?{_NUMBER}(?:, {_NUMBER})*)"
    rf"(?P<and>{_AND})(?:(?:in|over|within|for) )?(?:the )?(?:last |past |previous )(?={_NUMBER}\b)",
    re.I,
)
"""`in the last 7 and the last 30 days`: both numbers are of one unit."""
_WHOSE_LAST = re.compile(
    r"(?:\bthe )?\b(?!(?:number|count|sum|total|average|mean|median|time|days?|hours?|minutes?|seconds?)\b)"
    r"(?P<of>[\w-]+) of (?:the |its |their )?(?P<f>last|latest|most recent|newest) (?!\d)\w+",
    re.I,
)
"""`the method of the latest payment`."""
_LENGTHS = {"hourly": "1 hour", "daily": "1 day", "weekly": "7 days", "monthly": "30 days"}
_LY = re.compile(rf"[, ]+(?:and )?(?P<all>(?:{'|'.join(_LENGTHS)})(?:{_AND}(?:{'|'.join(_LENGTHS)}))*)\b", re.I)


def aggregations(text: str) -> list[Aggregation]:
    """What a task wants computed, in order. Those without windows of their own take the next ones, or else the last."""
    text = _SHARED.sub(r"\g<a>\g<and>", _NUMBER_AND.sub("number and sum of", text))
    text = _WHOSE_LAST.sub(r"\g<f> \g<of>", _AGAIN.sub(r"\g<a> and ", text))
    if not any(True for _ in _windows(text)):
        text = _LY.sub(lambda m: " over " + re.sub(r"\w+ly", lambda one: _LENGTHS[one.group().lower()], m["all"]), text)
    text = _LAST.sub(r"last \g<of>", re.sub(r"[, ]+both (?=over|in|within|for)", " ", text))
    text = _BEHIND.sub(
        lambda m: f"{'average' if m['f'].lower().startswith('av') else 'sum of'} {m['of'].strip()}", text
    )
    found: list[Aggregation] = []
    waiting: list[Aggregation] = []
    windows: tuple[str, ...] = ()
    place = 0
    for window in _windows(text):
        if found and not waiting and _JOINING.fullmatch(f"{text[place : window.start()].strip()} "):
            longer = (*windows, *lengths(window["lengths"]))
            found = [replace(one, over=longer) if one.over == windows else one for one in found]
            windows, place = longer, window.end()
            continue
        waiting += _segment(text[place : window.start()], alone=not waiting)
        windows, place = lengths(window["lengths"]), window.end()
        found += [replace(one, over=windows) for one in waiting]
        waiting = []
    waiting += [one for one in _segment(text[place:], alone=False) if one.of]
    return [*found, *(replace(one, over=windows) for one in waiting if windows)]


def lengths(text: str) -> tuple[str, ...]:
    """`7 and 30 days` as 7d and 30d; `day and week` as 1d and 7d."""
    made: list[str] = []
    for piece in _PIECE.finditer(text):
        unit = _UNITS[re.sub(r"(?<=..)s$", "", (piece["unit"] or piece["alone"]).lower())]
        numbers = re.findall(_NUMBER, piece["numbers"], re.I) if piece["numbers"] else ["1"]
        for number in numbers:
            count = _NUMBERS.get(number.lower()) or int(number)
            made.append(f"{count * _DAYS[unit]}d" if unit in _DAYS else f"{count}{unit}")
    return tuple(dict.fromkeys(made))


_JOINING = re.compile(r"(?:and|or|over|in|the|within|also|,| )+", re.I)
_AMOUNT = re.compile(r",? (?:and|plus|and also) (?:the |their )?(?=(?:amount|value|dollars|money|volume)\b)", re.I)
_NUMBER_AND = re.compile(
    r"\b(?:number|count) and (?:the )?(?:total )?(?:dollars?|amount|value|money|dollar (?:amount|sum|value)) of\b", re.I
)


def _amounts(one: Aggregation) -> list[Aggregation]:
    """`time since the last transfer, and the amount that they sent`: the second is added up."""
    found = _AMOUNT.search(one.of) if one.function in ("age", "last", "count", "approx_distinct") else None
    if found is None:
        return [one]
    return [replace(one, of=one.of[: found.start()]), Aggregation("sum", one.of[found.end() :])]


def _windows(text: str) -> Iterator[re.Match[str]]:
    for found in _WINDOW.finditer(text):
        if lengths(found["lengths"]):
            yield found


def without_windows(text: str) -> str:
    """The text with each window blank."""
    for found in list(_windows(text)):
        text = f"{text[: found.start()]}{' ' * len(found.group())}{text[found.end() :]}"
    return text


def _segment(text: str, *, alone: bool) -> list[Aggregation]:
    """The aggregations of one stretch. Words such as 'minimum and maximum' share what follows the last of them."""
    found = list(_AGGREGATE.finditer(text))
    made: list[Aggregation] = []
    lead = re.search(r":\s*([^:.]*?)(?:,|\band\b|\bplus\b|\s)*$", text[: found[0].start()]) if found else None
    if (
        lead
        and alone
        and re.search(r"(?:,|\band\b|\bplus\b)\s*$", text[: found[0].start()].rstrip("the "))
        and lead[1].strip()
        and not re.match(r"(?:for|per|of|about|each|every)\b", lead[1].strip(), re.I)
    ):
        made.append(Aggregation(SOME, lead[1].strip()))
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        said = re.sub(
            r"(?:^|\s)(?:and|or|,|of|the|a|an|with|plus)*\s*$", "", text[match.end() : end].strip(" ,:;")
        ).strip(" ,:;")
        function = next(_WORDS[n][1] for n in range(len(_WORDS)) if match[f"f{n}"] is not None)
        share = match.group("share") or match.group("p")
        made.append(Aggregation(function, said, (), int(share) / 100 if share else 0.5))
    made = [part for one in made for part in _amounts(one)]
    for at in range(len(made) - 2, -1, -1):
        if made[at].of in ("", "and", "or") and made[at].function != "age":
            made[at] = replace(made[at], of=made[at + 1].of)
    if not made and alone and (words := re.sub(r"^.*[:,]", "", text).strip()) and not _JOINING.fullmatch(words):
        made = [Aggregation(SOME, words)]
    return made
