"""A form's values and where they come from, as HTML. All words are escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.ui.render import text

if TYPE_CHECKING:
    from agents.forms.handout import Handout
    from agents.forms.state import FieldValue, Filling, Source

LONGEST = 160
SAID = {
    "ask": ("lw-unsure", "to answer"),
    "uncertain": ("lw-unsure", "to choose"),
    "hidden": ("lw-forbidden", "needs someone with access"),
    "invalid": ("lw-failed", "does not fit"),
}
EMPTY = '<div class="lw-source"><span class="lw-badge">left empty</span></div>'
"""Of a filling that is signed: nobody is asked any more."""


def source(value: FieldValue, editable: bool = True) -> str:
    """Where a field's value comes from, with the rest behind a click; or why it has none."""
    if value.source is None or value.status != "filled":
        if not editable:
            return EMPTY
        kind, said = SAID.get(value.status, SAID["ask"])
        badge = f'<span class="lw-badge {kind}">{said}</span>'
        return f'<div class="lw-source">{badge} {text(_cut(value.message))}</div>'
    by = f"said by {text(value.source.by)}" if value.source.way == "person" else _place(value.source)
    facts = "".join(f"<dt>{name}</dt><dd>{text(_cut(said))}</dd>" for name, said in _facts(value) if said)
    changed = f' <span class="lw-badge">changed by {text(value.changed_by)}</span>' if _changed(value) else ""
    return f'<details class="lw-source"><summary>{by}{changed}</summary><dl>{facts}</dl></details>'


def summary(filling: Filling) -> str:
    """What a filling is about, and how far it is."""
    label = filling.subject.label if filling.subject else filling.about
    filled = sum(value.status == "filled" for value in filling.values)
    kind, said = _verdict(filling)
    problems = "".join(f"<li>{text(problem)}</li>" for problem in filling.problems)
    when = (filling.signed_at or "")[:16].replace("T", " ")
    signed = f" · by {text(filling.signer)} at {text(when)} UTC" if filling.signer else ""
    return (
        f'<div class="lw-card lw-filling" role="status"><p class="lw-question">{text(filling.form)}: {text(label)}</p>'
        f'<p class="lw-verdict"><span class="lw-badge {kind}">{said}</span> {filled} of {len(filling.values)} filled'
        f"{signed}</p><ul>{problems}</ul></div>"
    )


def progress(about: str, steps: Sequence[tuple[str, str]], values: Sequence[FieldValue]) -> str:
    """What is going on while a form is filled: its steps, and the fields as they come."""
    done = "".join(f"<li>{text(name)} <span>{text(detail)}</span></li>" for name, detail in steps)
    rows = "".join(f"<tr><td>{text(value.path)}</td><td>{text(_cut(_said(value)))}</td></tr>" for value in values)
    table = f'<div class="lw-scroll"><table><tbody>{rows}</tbody></table></div>' if rows else ""
    return f'<div class="lw-card lw-live"><p class="lw-question">{text(about)}</p><ol>{done}</ol>{table}</div>'


def links(made: Sequence[Handout]) -> str:
    """Links that save files, with the files within them: nothing is fetched without a token."""
    found = (
        f'<a class="lw-file" download="{text(one.name)}" '
        f'href="data:{one.media};base64,{base64.b64encode(one.content).decode()}">'
        f"Download {one.name.rpartition('.')[2].upper()}</a>"
        for one in made
    )
    return f'<p class="lw-files">{" ".join(found)}</p>'


def _verdict(filling: Filling) -> tuple[str, str]:
    if filling.status == "signed":
        return "lw-answered", "signed"
    if filling.status == "clarify":
        return "lw-unsure", "which one?"
    return ("lw-answered", "ready to sign") if filling.complete else ("lw-unsure", "not complete")


def _place(source: Source) -> str:
    place = ".".join(part for part in (source.table, source.column) if part)
    named = place or source.name or ", ".join(source.fields) or source.way
    key = f" <span>row {text(source.key)}</span>" if source.key is not None else ""
    return f"<code>{text(named)}</code>{key}"


def _facts(value: FieldValue) -> tuple[tuple[str, str], ...]:
    source = value.source
    assert source is not None
    return (
        ("Way", source.way), ("Name", source.name), ("From", ", ".join(source.fields)), ("Version", source.version),
        ("Query", source.query), ("Passage", source.passage), ("Confidence", f"{value.confidence:.0%}"),
        ("Audit", source.audit_id),
    )  # fmt: skip


def _changed(value: FieldValue) -> bool:
    return bool(value.changed_by) and value.source is not None and value.source.way != "person"


def _said(value: FieldValue) -> str:
    return str(value.value) if value.status == "filled" else "–"


def _cut(said: str) -> str:
    return said if len(said) <= 4 * LONGEST else said[: 4 * LONGEST] + "…"
