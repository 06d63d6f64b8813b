"""Answers from models over features: what is predicted for a subject, and why, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.ask.freshness import moment
from agents.ask.outcome import Outcome
from agents.ask.wanted import Wanted
from data.errors import NotFound
from data.policy import Principal

if TYPE_CHECKING:
    from agents.predictors.predictor import Predictor
    from data.features.plan import Output

COLUMNS = ["input", "effect", "value"]
MINUTE = 60
SPANS = ((24 * 60 * MINUTE, "day"), (60 * MINUTE, "hour"), (MINUTE, "minute"))
FEW = 3
"""Reasons that are said; the rows have the others too."""


def foretell(predictor: Predictor, principal: Principal, asked: Wanted) -> Outcome:
    """The prediction that is wanted: the logged one where its reasons are asked for, else a new one. Empty where the
    caller sees no such subject; raises what scoring raises."""
    if len(asked.models) > 1:
        names = ", ".join(f"“{model.version.name}”" for model in asked.models)
        return Outcome("clarify", f"Several models tell of {_subject(asked.key)}: {names}. Which one do you mean?")
    name = asked.models[0].version.name
    try:
        keys = predictor.read_key(principal, name, asked.key)
        found = predictor.last(principal, name, keys) if asked.why else None
        found = found or predictor.score(principal, name, [keys])[0].as_json()
    except NotFound as error:
        if "keys" not in error.facts:
            raise
        return Outcome("empty", f"There is no {_subject(asked.key)} that you may see.")
    return told(predictor, found)


def told(predictor: Predictor, found: Mapping[str, Any]) -> Outcome:
    """A prediction, as it is given out or logged, as an answer."""
    inputs = Inputs(predictor)
    rows = [[inputs.said(r["feature"]), round(r["contribution"], 4), r["value"]] for r in found["reasons"]]
    sentences = (_verdict(found), *_because(inputs, found), _origin(found))
    return Outcome("answered", " ".join(sentences), COLUMNS, rows, list(_sources(found)))


class Inputs:
    """What a model's inputs are called."""

    def __init__(self, predictor: Predictor) -> None:
        self._plans = predictor.features.registry.plans()

    def said(self, column: str) -> str:
        """ "paid with the card (card_payments, 1d)" for a feature that is described."""
        view, _, name = column.partition("__")
        output = self._output(view, name)
        if output is None:
            return column.replace("_", " ").strip()
        words = output.feature.description.rstrip(".") or output.feature.name.replace("_", " ")
        window = name.removeprefix(output.feature.name).strip("_")
        return f"{words[:1].lower()}{words[1:]} ({', '.join(part for part in (view, window) if part)})"

    def value(self, column: str, value: Any) -> str:
        """A value with its unit."""
        view, _, name = column.partition("__")
        output = self._output(view, name)
        unit = output.feature.unit if output is not None and output.feature.unit else ""
        match value:
            case None:
                return "not known"
            case int() | float() if unit == "s" and value >= MINUTE:
                return _span(value)
            case bool():
                return "yes" if value else "no"
            case float():
                return f"{value:,.4g} {unit}".strip() if abs(value) < 1000 else f"{value:,.2f} {unit}".strip()
            case int():
                return f"{value:,} {unit}".strip()
        return str(value)

    def _output(self, view: str, name: str) -> Output | None:
        plan = self._plans.get(view) if name else None
        return plan.output(name) if plan is not None else None


def _span(seconds: float) -> str:
    """ "18 days" for 1,551,380 s."""
    size, name = next((size, name) for size, name in SPANS if seconds >= size)
    number = f"{seconds / size:.3g}"
    return f"{number} {name}" if number == "1" else f"{number} {name}s"


def _verdict(found: Mapping[str, Any]) -> str:
    who, by = _subject(found["keys"]), f"{found['model']} version {found['version']}"
    first = who[:1].upper() + who[1:]
    if found.get("ranking"):
        best, *others = found["ranking"]
        said = f"For {who}, {by} ranks {best['choice']} first ({best['score']:.3g})"
        rest = ", ".join(f"{one['choice']} ({one['score']:.3g})" for one in others[:FEW])
        return f"{said}, then {rest}." if rest else f"{said}."
    is_not = "is" if found["flagged"] else "is not"
    share, limit = found["prediction"], found["threshold"]
    return f"{first} {is_not} flagged by {by}: its score is {share:.3g}, and from {limit:.3g} on it is flagged."


def _because(inputs: Inputs, found: Mapping[str, Any]) -> Iterator[str]:
    for sign, opening in ((1, "Most of what raises it"), (-1, "What lowers it")):
        some = [one for one in found["reasons"] if one["contribution"] * sign > 0][:FEW]
        if some:
            yield f"{opening}: {'; '.join(_reason(inputs, one) for one in some)}."


def _reason(inputs: Inputs, reason: Mapping[str, Any]) -> str:
    column, value = reason["feature"], reason["value"]
    return f"{inputs.said(column)} is {inputs.value(column, value)} ({reason['contribution']:+.2f})"


def _origin(found: Mapping[str, Any]) -> str:
    said = f"These are the values of {moment(found['at'])}"
    if found.get("freshness"):
        said += f", from features that were brought up to date at {moment(found['freshness'])}"
    return " ".join((f"{said}; scored at {moment(found['made_at'])}.", *_absent(found)))


def _absent(found: Mapping[str, Any]) -> Iterator[str]:
    """Which views had nothing of the subject, and why."""
    for source in found["sources"]:
        if source.get("absent"):
            yield f"Nothing is known from {source['view']}: {source['absent']}."


def _sources(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Tables, views of features and the model, as other answers name their tables."""
    for source in found["sources"]:
        if "view" in source:
            name, version, fresh = f"features.{source['view']}", source["history"], source["refreshed"]
        else:
            name, version, fresh = source["table"], source["version"], source["freshness"]
        yield {"table": name, "version": str(version), "freshness": _moment(fresh)}
    yield {"table": f"models.{found['model']}", "version": str(found["version"]), "freshness": None}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _subject(keys: Mapping[str, Any]) -> str:
    """ "payment 123" for {"payment_id": 123}."""
    parts = [f"{_noun(name)} {value}" for name, value in keys.items()]
    return " and ".join(parts) or "this subject"


def _noun(column: str) -> str:
    lower = column.lower()
    return (lower.removesuffix("_id") or lower).replace("_", " ")
