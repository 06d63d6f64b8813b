"""An answer as HTML. Every word is hostile until it is escaped: cells, model output and questions alike."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents.ask.documents.citation import where
from agents.ask.freshness import told
from agents.ask.meaning import meant
from app.ui.chart import svg
from app.ui.export import links

MOST_ROWS = 100
LONGEST_CELL = 300

COPY = '<button type="button" class="lw-copy">Copy SQL</button>'
COPYING = """
element.addEventListener('click', async (event) => {
  const button = event.target.closest('.lw-copy');
  if (!button) return;
  await navigator.clipboard.writeText(button.previousElementSibling.innerText);
  button.textContent = 'Copied';
});
"""
"""What makes the buttons work where the cards are shown: no card has a script of its own."""
BEGUN = """
new MutationObserver(() => {
  lakewright.begun(element.querySelector('[data-thread]')?.dataset.thread);
}).observe(element, {childList: true, subtree: true});
"""
"""The address of a conversation that has just begun takes the place of the one that had none."""

UNSEEN = ("Cc", "Cf", "Cs")
LOADING = '<p class="lw-about lw-loading" role="status">One moment…</p>'
"""Where something will be that is still read."""
HINTS = {
    "empty": "no rows",
    "truncated": "more rows than are shown",
    "clarify": "needs to know more",
    "unsure": "not sure",
    "failed": "no answer",
    "forbidden": "not for you to see",
}


def plain(value: object) -> str:
    """Text without direction tricks and characters that nobody sees, for what escapes markup itself."""
    return "".join("�" if unicodedata.category(c) in UNSEEN and c not in "\n\t" else c for c in str(value))


def text(value: object) -> str:
    """Text that is shown as it is: no markup, no template of the page's framework, no direction tricks."""
    return html.escape(plain(value), quote=True).replace("{", "&#123;").replace("$", "&#36;")


def card(answer: Mapping[str, Any], *, again: bool = False) -> str:
    """A finished answer: status, prose, chart, table, SQL and sources; with `again` it offers to ask it once more."""
    parts = (_question, _verdict, _chart, _table, _sql, _sources, _about)
    offer = f'<button type="button" class="lw-copy" data-question="{text(answer["question"])}">Ask again</button>'
    return f'<article class="lw-card">{"".join(part(answer) for part in parts)}{offer if again else ""}</article>'


def thread(cards: Iterable[str]) -> str:
    """The conversation so far."""
    return f'<div class="lw-thread" role="log" aria-live="polite">{"".join(cards)}</div>'


def progress(question: str, steps: Sequence[tuple[str, float]], draft: str, thread: str) -> str:
    """What is going on while an answer is made, in which conversation."""
    done = "".join(f"<li>{text(name)} <span>{seconds:.2f} s</span></li>" for name, seconds in steps)
    code = f"<pre><code>{text(draft)}</code></pre>" if draft else ""
    asked = f'<p class="lw-question">{text(question)}</p>'
    return f'<div class="lw-card lw-live" data-thread="{text(thread)}">{asked}<ol>{done}</ol>{code}{LOADING}</div>'


def notice(message: str, remedy: str = "") -> str:
    """Something that went wrong, for the person who asked."""
    return (
        f'<div class="lw-notice" role="alert"><strong>{text(message)}</strong> {text(remedy)}</div>' if message else ""
    )


def who(principal: str) -> str:
    return f'<p class="lw-who"><span>Signed in as </span><strong>{text(principal)}</strong></p>'


def _question(answer: Mapping[str, Any]) -> str:
    return f'<p class="lw-question">{text(answer["question"])}</p>'


def _verdict(answer: Mapping[str, Any]) -> str:
    status = text(answer["status"])
    hint = f' title="{text(HINTS[answer["status"]])}"' if answer["status"] in HINTS else ""
    badges = f'<span class="lw-badge lw-{status}"{hint}>{status}</span>'
    if answer["verified"]:
        badges += '<span class="lw-badge lw-verified" title="A person has checked this query">verified</span>'
    return f'<p class="lw-verdict">{badges} {text(answer["answer"])}</p>'


def _chart(answer: Mapping[str, Any]) -> str:
    return svg(answer["chart"], answer["columns"], _read(answer, answer["rows"]), text) if answer.get("chart") else ""


def _read(answer: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows of the answer as people read them."""
    return meant(rows, answer.get("meanings", ()))


def _table(answer: Mapping[str, Any]) -> str:
    rows = answer["rows"]
    if not rows:
        return ""
    more = f'<p class="lw-about">and {len(rows) - MOST_ROWS:,} more rows</p>' if len(rows) > MOST_ROWS else ""
    return (
        f'<div class="lw-scroll" tabindex="0">{table(answer["columns"], _read(answer, rows[:MOST_ROWS]))}</div>{more}'
        + links(answer["columns"], rows)
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows under the names of their columns, or under none where these aren't known."""
    shown = list(rows)
    first = shown[0] if shown else ()
    names = "".join(_name(name, first[index : index + 1]) for index, name in enumerate(columns))
    head = f"<thead><tr>{names}</tr></thead>" if names else ""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in shown)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _name(name: str, first: Sequence[Any]) -> str:
    """The head of a column, over its numbers where it begins with one."""
    number = first and isinstance(first[0], int | float) and not isinstance(first[0], bool)
    return f'<th scope="col"{" class=lw-number" if number else ""}>{text(cut(name))}</th>'


def cut(value: object) -> str:
    """As much of a value as a cell shows."""
    shown = str(value)
    return shown if len(shown) <= LONGEST_CELL else f"{shown[:LONGEST_CELL]}…"


def _cell(value: Any) -> str:
    if value is None:
        return '<td class="lw-null">–</td>'
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        return f'<td class="lw-number">{_decimal(value) if isinstance(value, float) else value}</td>'
    return f"<td>{text(cut(value))}</td>"


def _decimal(value: float) -> str:
    """With two decimals; what is smaller than one with three digits, as a rate of 0.004 is not none."""
    return f"{value:,.2f}" if not value or not abs(value) < 1 else f"{value:.3g}"


def _sql(answer: Mapping[str, Any]) -> str:
    if not answer["sql"]:
        return ""
    code = f"<pre><code>{text(answer['sql'])}</code></pre>"
    return f"<details><summary>SQL</summary>{code}{COPY}</details>"


def _sources(answer: Mapping[str, Any]) -> str:
    if not answer["sources"]:
        return ""
    items = "".join(f"<li>{_source(source)}</li>" for source in answer["sources"])
    return f'<details class="lw-sources" open><summary>Sources</summary><ul>{items}</ul></details>'


def _source(source: Mapping[str, Any]) -> str:
    if "document" in source:
        place = f"<code>{text(source['document'])}</code> version {text(source['version'])}, {text(where(source))}"
        return f"{place}<blockquote>{text(source['quote'])}</blockquote>"
    said = told(source)
    fresh = f", {text(said)}" if said else ""
    return f"<code>{text(source['table'])}</code> version {text(source['version'])}{fresh}"


def _about(answer: Mapping[str, Any]) -> str:
    sure = answer.get("confidence")
    confident = "" if sure is None else f"confidence {sure:.0%}"
    parts = (
        answer.get("about"),
        answer["endpoint"],
        confident,
        "" if answer["seconds"] is None else f"{answer['seconds']:.2f} s",
        f"answer {answer['answer_id']}" if answer["answer_id"] else "",
    )
    about = " · ".join(part for part in parts if part)
    return f'<p class="lw-about">{text(about)}</p>'
