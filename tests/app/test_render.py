"""Answers as HTML and charts as SVG: whatever is in them stays text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from app.cli.asking import show
from app.ui import render
from app.ui.chart import svg

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "${alert(1)}",
    "{{alert(1)}}",
    "</style><svg/onload=alert(1)>",
    "&lt;b&gt;",
    "\x1b[31m\u202e",
)


OURS = frozenset(
    [
        "a",
        "button",
        "article",
        "blockquote",
        "p",
        "span",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "pre",
        "code",
        "ul",
        "li",
        "figure",
        "figcaption",
        "svg",
        "rect",
        "text",
        "polyline",
    ]
)
KNOWN = frozenset(
    [
        "download",
        "href",
        "type",
        "class",
        "title",
        "scope",
        "tabindex",
        "open",
        "viewbox",
        "role",
        "aria-label",
        "x",
        "y",
        "width",
        "height",
        "rx",
        "points",
        "text-anchor",
    ]
)


class Markup(HTMLParser):
    """The tags and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


SOURCE = {
    "table": "live.plays",
    "version": "412",
    "freshness": "2026-11-24T10:00:03.250000+00:00",
    "age_seconds": 12.3,
    "watermark": "2026-11-24T09:59:58+00:00",
}
CITED = {
    "document": "handbook/tills.pdf",
    "version": "6df44261f54738cf",
    "freshness": None,
    "heading": "Tills › Failures",
    "page": 2,
    "start": 0,
    "end": 40,
    "quote": "Count the cash by hand.",
}
FRESH = "version 412, data up to 2026-11-24 10:00:03 UTC, 12 s old when read, whole up to 2026-11-24 09:59:58 UTC"


def answer(**changes: Any) -> dict[str, Any]:
    plain = {
        "question": "How many?",
        "status": "answered",
        "answer": "Two.",
        "verified": False,
        "chart": None,
        "columns": ["name", "n"],
        "rows": [["Nova", 2], [None, 1.5]],
        "sql": "SELECT 1",
        "sources": [{"table": "tidal.plays", "version": "7", "freshness": "2025-12-31T23:59:00+00:00"}],
        "endpoint": "embedded",
        "seconds": 0.5,
        "answer_id": "abc",
    }
    return plain | changes


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.934, "embedded · confidence 93% · 0.50 s"), (None, "embedded · 0.50 s")]
)
def test_an_answer_says_how_sure_it_is(confidence: float | None, said: str) -> None:
    document = answer(confidence=confidence)
    assert said in render.card(document)
    shown = StringIO()
    show(Console(file=shown, width=200), document)
    assert said.replace(" ·", ",") in shown.getvalue()


def test_people_read_what_stored_values_mean() -> None:
    document = answer(
        columns=["code", "day", "paid", "n"],
        rows=[["E", 20240131, "N", 7], ["X", 0, "Y", 8]],
        meanings=[{"labels": {"E": "Emergency"}}, {"format": "%Y%m%d"}, {"format": "Y/N"}, None],
        chart={"kind": "bar", "x": "code", "y": "n", "title": "n by code"},
    )
    shown = StringIO()
    show(Console(file=shown, width=200), document)
    for page in (render.card(document), shown.getvalue()):
        for said in ("Emergency (E)", "2024-01-31", "no", "yes", "X", "0", "7"):
            assert said in page
        assert "20240131" not in page


@pytest.mark.parametrize("bad", HOSTILE)
@pytest.mark.parametrize(
    "place",
    [
        lambda bad: {"question": bad},
        lambda bad: {"answer": bad},
        lambda bad: {"meanings": [{"labels": {"Nova": bad}}, None]},
        lambda bad: {"status": bad},
        lambda bad: {"sql": bad},
        lambda bad: {"columns": [bad, "n"], "chart": {"kind": "bar", "x": bad, "y": "n", "title": bad}},
        lambda bad: {
            "rows": [[bad, 2], [bad, 3]],
            "chart": {"kind": "bar", "x": "name", "y": "n", "title": "t"},
        },
        lambda bad: {
            "rows": [[bad, 2], [bad, 3]],
            "chart": {"kind": "line", "x": "name", "y": "n", "title": bad},
        },
        lambda bad: {"sources": [{"table": bad, "version": bad, "freshness": bad}]},
        lambda bad: {"sources": [{**CITED, "document": bad, "version": bad, "heading": bad, "quote": bad}]},
        lambda bad: {"endpoint": bad, "answer_id": bad},
    ],
)
def test_hostile_text_stays_text(bad: str, place: Any) -> None:
    shown = render.card(answer(**place(bad)))
    markup = Markup()
    markup.feed(shown)
    assert markup.tags <= OURS
    assert all(link.startswith("data:") and ";base64," in link for link in markup.links)
    assert markup.attributes <= KNOWN
    assert "${" not in shown
    assert "{{" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_citation_tells_where_it_stands_and_quotes() -> None:
    shown = render.card(answer(sources=[CITED]))
    assert "<code>handbook/tills.pdf</code> version 6df44261f54738cf, Tills › Failures, page 2" in shown
    assert "<blockquote>Count the cash by hand.</blockquote>" in shown
    console = Console(file=StringIO(), width=200)
    show(console, answer(sources=[CITED], sql="", rows=[]))
    assert "handbook/tills.pdf: version 6df44261f54738cf, Tills › Failures, page 2" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_card_says_all_that_an_answer_has() -> None:
    shown = render.card(answer(verified=True))
    for part in (
        "How many?",
        "answered",
        "verified",
        "Two.",
        "Nova",
        "1.50",
        "–",
        "tidal.plays",
        "version 7",
    ):
        assert part in shown
    assert "data up to 2025-12-31 23:59" in shown


def test_long_results_are_cut_and_say_so() -> None:
    shown = render.card(answer(rows=[["x" * 1000, i] for i in range(250)]))
    assert shown.count("<tr>") == render.MOST_ROWS + 1
    assert "and 150 more rows" in shown
    assert "x" * 400 not in shown


@pytest.mark.parametrize(
    ("values", "widest"),
    [([1.0, 2.0, 4.0], 2), ([-4.0, 2.0, 1.0], 0), ([0.0, 0.0, 0.0], None)],
)
def test_bars_are_as_long_as_their_values(values: list[float], widest: int | None) -> None:
    spec = {"kind": "bar", "x": "k", "y": "v", "title": "t"}
    drawn = svg(spec, ["k", "v"], [[str(i), v] for i, v in enumerate(values)], render.text)
    widths = [float(width) for width in re.findall(r'width="([\d.]+)"', drawn)]
    assert len(widths) == 3
    if widest is not None:
        assert widths.index(max(widths)) == widest
        assert widths[widest] / widths[1] == pytest.approx(2.0, rel=0.01)


def test_a_line_goes_up_where_values_grow() -> None:
    spec = {"kind": "line", "x": "month", "y": "v", "title": "t"}
    drawn = svg(spec, ["month", "v"], [["2025-02", 5], ["2025-01", 1], ["2025-03", 9]], render.text)
    points = re.search(r'points="([^"]+)"', drawn)
    assert points
    heights = [float(point.split(",")[1]) for point in points[1].split()]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("rows", [[], [["a", 1]], [["a", None], ["b", None]]])
def test_nothing_is_drawn_of_nothing(rows: list[list[Any]]) -> None:
    assert svg({"kind": "bar", "x": "k", "y": "v", "title": "t"}, ["k", "v"], rows, render.text) == ""


def test_the_page_says_how_fresh_the_tables_are() -> None:
    assert f"<code>live.plays</code> {FRESH}</li>" in render.card(answer(sources=[SOURCE]))
    unknown = {"table": "cash.users", "version": "live", "freshness": None}
    assert "<code>cash.users</code> version live</li>" in render.card(answer(sources=[unknown]))


def test_the_command_line_says_how_fresh_the_tables_are() -> None:
    console = Console(record=True, width=200, file=StringIO())
    show(console, answer(sources=[SOURCE, {"table": "cash.users", "version": "live", "freshness": None}]))
    lines = [line.strip() for line in console.export_text().splitlines()]
    assert f"live.plays: {FRESH}" in lines
    assert "cash.users: version live" in lines
