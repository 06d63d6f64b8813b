"""The report of an evaluation for people: one HTML file that needs nothing else and can be printed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.ui import miss
from app.ui.render import notice, text
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.evaluation.comparison import Comparison, Difference
    from agents.evaluation.figures import Figures
    from agents.evaluation.report import Report
    from agents.evaluation.results import Results

Groups = Callable[["Report"], Mapping[str, "Figures"]]
Measure = tuple[str, Callable[["Figures"], str]]
# Nothing is loaded and nothing runs, even if a word of the data should come through as markup.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def check(path: Path) -> None:
    """Invalid if no report can be written there: better known before the questions are asked than after."""
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise Invalid(f"The report can't be written to '{path}'.", "Name a file in a folder that you may write to.")


def write(path: Path, results: Results, title: str) -> None:
    """Write the report whole or not at all, for the eyes of its writer: it holds rows."""
    document = page(results, title, datetime.now().astimezone())
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
        draft.write(document)
    os.replace(draft.name, path)


def page(results: Results, title: str, when: datetime) -> str:
    """The whole document."""
    css = Path(__file__).with_name("evaluation.css").read_text(encoding="utf-8")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>Evaluation of {text(title)}</title><style>{css}</style>"
    )
    body = f"<body><main>{_body(results, title, when)}</main></body>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>{body}</html>\n'


def _body(results: Results, title: str, when: datetime) -> str:
    parts = (
        _top(results, title, when),
        _totals(results.reports),
        "".join(map(_comparison, results.comparisons)),
        _groups("By category", results.reports, lambda made: made.by_tag, least=1),
        _groups("By file", results.reports, lambda made: made.by_file, least=2),
        *(miss.section(name, outcomes) for name, outcomes in results.endpoints.items()),
    )
    return "".join(parts)


def _top(results: Results, title: str, when: datetime) -> str:
    said = f"{', '.join(results.endpoints)} · {_count(results.n, 'question')} · {when:%Y-%m-%d %H:%M %Z}"
    cut = f"Partial: the run was stopped after {results.n} of {_count(results.planned, 'question')}."
    top = f'<h1>Evaluation of {text(title)}</h1><p class="about">{text(said)}</p>'
    return f"<header>{top}{notice(cut) if results.partial else ''}</header>"


def _totals(reports: Mapping[str, Report]) -> str:
    measures: tuple[Measure, ...] = (
        ("Execution accuracy", lambda f: _share(f.execution_accuracy, f.answerable)),
        ("Valid SQL", lambda f: _share(f.valid_sql, f.answerable)),
        ("Answerable, refused", lambda f: _plain(f.answerable_refused, f.answerable)),
        ("Unanswerable, answered", lambda f: _plain(f.unanswerable_answered, f.unanswerable)),
        ("Answerable questions", lambda f: f"<td>{f.answerable}</td>"),
        ("Unanswerable questions", lambda f: f"<td>{f.unanswerable}</td>"),
        ("Median time", lambda f: f"<td>{f.seconds_p50:.2f} s</td>"),
        ("95th percentile of time", lambda f: f"<td>{f.seconds_p95:.2f} s</td>"),
    )
    rows = (f"<tr>{_head(name, 'row')}{''.join(map(cell, reports.values()))}</tr>" for name, cell in measures)
    return _section("Totals", _table(["", *reports], "".join(rows)))


def _groups(title: str, reports: Mapping[str, Report], groups: Groups, *, least: int) -> str:
    of = [groups(made) for made in reports.values()]
    if len(of[0]) < least:
        return ""
    several = len(reports) > 1
    heads = (f"{name}: {what}" if several else what for name in reports for what in ("accuracy", "valid SQL", "median"))
    rows = "".join(_group(key, [group[key] for group in of]) for key in of[0])
    return _section(title, _table(["", "questions", *heads], rows))


def _group(key: str, each: list[Figures]) -> str:
    cells = (
        f"{_share(f.execution_accuracy, f.answerable)}{_plain(f.valid_sql, f.answerable)}<td>{f.seconds_p50:.2f} s</td>"
        for f in each
    )
    return f"<tr>{_head(key, 'row')}<td>{each[0].n}</td>{''.join(cells)}</tr>"


def _comparison(found: Comparison) -> str:
    lists = _only(found.first, found.only_first) + _only(found.second, found.only_second)
    return _section(f"{found.first} beside {found.second}", f"<p>{text(found.summary)}</p>{lists}")


def _only(name: str, differences: tuple[Difference, ...]) -> str:
    items = "".join(f"<li><small>{text(d.file)} {text(d.id)}</small> {text(d.question)}</li>" for d in differences)
    found = f"<ul>{items}</ul>" if items else ""
    return f"<h3>Only {text(name)} is right: {_count(len(differences), 'question')}</h3>{found}"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{text(title)}</h2>{body}</section>"


def _table(columns: list[str], rows: str) -> str:
    heads = "".join(_head(name, "col") if name else "<td></td>" for name in columns)
    return (
        f'<div class="scroll"><table class="figures"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _head(name: str, scope: str) -> str:
    return f'<th scope="{scope}">{text(name)}</th>'


def _share(share: float, of: int) -> str:
    """A share with a bar; a dash where there is nothing to have a share of."""
    bar = f'<span class="bar"><span style="width: {share:.1%}"></span></span>'
    return f"<td>{bar}{share:.3f}</td>" if of else "<td>–</td>"


def _plain(share: float, of: int) -> str:
    return f"<td>{share:.3f}</td>" if of else "<td>–</td>"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
