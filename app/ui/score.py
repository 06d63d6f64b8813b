"""Features and models as HTML: values of a key, versions side by side, drift, and why a score is what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.ui.render import table, text

EMPTY = (
    '<section class="lw-card lw-empty lw-page"><h2>No features or models yet</h2>'
    "<p>There is none that you may see. The administrator defines features in <code>features/*.py</code> "
    "(<code>lakewright features apply</code>) and trains models over them (<code>lakewright train</code>).</p>"
    "</section>"
)
NONE_CHOSEN = '<p class="lw-about">Choose a feature view or a model.</p>'
MOST_METRICS = 40


def view(described: Mapping[str, Any], features: Sequence[tuple[str, str, str]]) -> str:
    """A feature view: what it is of, and its features."""
    about = f"of {described['entity']} by {', '.join(described['keys'])}, out of {described['source']}"
    state = f"history version {_known(described['version'])}, online {_known(described['online'])}"
    return _card(
        described["name"],
        f"<p>{text(described['description'])}</p>" if described["description"] else "",
        f'<p class="lw-about">{text(about)} · {text(state)}</p>',
        _scroll(table(("Feature", "Type", "What it means"), features)),
    )


def values(keys: Mapping[str, Any], found: Mapping[str, Any], reason: str | None) -> str:
    """The values of one entity, or why there are none."""
    rows = list(found.items())
    why = f'<p role="status">There are no values: {text(reason)}.</p>' if reason else ""
    return _card(_named(keys), why, _scroll(table(("Feature", "Value"), rows)) if rows else "")


def model(about: Mapping[str, Any], versions: Sequence[Mapping[str, Any]], drift: str) -> str:
    """A model: its versions side by side, champion and challenger among them, and its drift."""
    return _card(
        about["name"],
        f"<p>{text(about['description'])}</p>" if about["description"] else "",
        f'<p class="lw-about">{text(about["task"])} · needs {text(", ".join(about["needs"]))}</p>',
        f"<h3>Champion and challengers</h3>{_versions(versions)}",
        f"<h3>Drift of the last seven days</h3>{drift}",
    )


def drift_of(report: Mapping[str, Any]) -> str:
    """What a drift report says."""
    told = f'<p class="lw-about">{report["predictions"]:,} predictions. {text(report["said"])}</p>'
    rows = [
        (one["column"], one["index"], one["verdict"], f"{one['missing']:.0%}", f"{one['missing_before']:.0%}")
        for one in report["columns"]
    ]
    heads = ("Input", "PSI", "Verdict", "Missing", "In training")
    return told + (_scroll(table(heads, rows)) if rows else "")


def scored(one: Mapping[str, Any]) -> str:
    """A prediction with what each input added to it or took from it."""
    badge = '<span class="lw-badge lw-failed">flagged</span>' if one.get("flagged") else ""
    limit = "" if one.get("threshold") is None else f" · threshold {one['threshold']:.3f}"
    about = f"{one['model']} version {one['version']}{limit} · prediction {one['id']}"
    best = [(each["choice"], each["score"]) for each in one.get("ranking", ())]
    return _card(
        _named(one["keys"]),
        f'<p role="status"><strong>{one["prediction"]:.4f}</strong> {badge}</p>',
        f'<p class="lw-about">{text(about)}</p>',
        _scroll(table(("Choice", "Score"), best)) if best else "",
        f"<h3>Why: what each input adds (SHAP)</h3>{_reasons(one['reasons'])}",
    )


def _reasons(reasons: Sequence[Mapping[str, Any]]) -> str:
    if not reasons:
        return '<p class="lw-about">There are none for this prediction.</p>'
    most = max(abs(one["contribution"]) for one in reasons) or 1
    rows = "".join(_reason(one, most) for one in reasons)
    heads = '<th scope="col">Input</th><th scope="col">Value</th><th scope="col">Adds</th><th scope="col">Weight</th>'
    return _scroll(f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")


def _reason(one: Mapping[str, Any], most: float) -> str:
    share, side = abs(one["contribution"]) / most * 100, "" if one["contribution"] >= 0 else " lw-down"
    value, adds = "–" if one["value"] is None else one["value"], f"{one['contribution']:+.3f}"
    return (
        f'<tr><td>{text(one["feature"])}</td><td>{text(value)}</td><td class="lw-number">{adds}</td>'
        f'<td><span class="lw-bar{side}" style="width:{share:.0f}%" aria-hidden="true"></span></td></tr>'
    )


def _versions(versions: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for one in versions for name in one["metrics"]))[:MOST_METRICS]
    heads = ("", *(f"version {one['version']}" for one in versions))
    rows: list[Sequence[Any]] = [("is", *(", ".join(one["aliases"]) or "–" for one in versions))]
    rows.append(("the gate said", *(one["why"] or "–" for one in versions)))
    rows += [(name, *(one["metrics"].get(name) for one in versions)) for name in names]
    return f'<div class="lw-scroll lw-compare" tabindex="0">{table(heads, rows)}</div>'


def _named(keys: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in keys.items()) or "as given"


def _known(value: object) -> str:
    return "none" if value is None else str(value)


def _scroll(shown: str) -> str:
    return f'<div class="lw-scroll" tabindex="0">{shown}</div>'


def _card(title: str, *parts: str) -> str:
    return f'<article class="lw-card lw-page lw-wide"><h2>{text(title)}</h2>{"".join(parts)}</article>'
