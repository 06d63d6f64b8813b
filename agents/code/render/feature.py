"""A feature view as the text of a definition file."""

from __future__ import annotations

from collections.abc import Sequence

from agents.code.render.layout import WIDTH, text
from data.features.definition import Feature, FeatureView


def program(view: FeatureView) -> str:
    """The file that declares the view."""
    fields: list[tuple[str, str]] = [
        ("name", text(view.name)), ("entity", text(view.entity)), ("keys", _tuple(view.keys)),
        ("source", text(view.source)), ("time", text(view.time)), ("known_at", text(view.known_at)),
        ("filter", text(view.filter)), ("ttl", text(view.ttl)), ("owner", text(view.owner)),
        ("description", text(view.description)),
    ]  # fmt: skip
    told = [f"    {name}={value}," for name, value in fields if value != '""']
    features = [f"        {_feature(feature)}," for feature in view.features]
    lines = [f"{view.name} = FeatureView(", *told, "    features=(", *features, "    ),", ")"]
    return "\n".join(("from data.features import Feature, FeatureView", "", *lines)) + "\n"


def _feature(feature: Feature) -> str:
    parts = [text(feature.name), text(feature.function), *([text(feature.expression)] if feature.expression else [])]
    parts.append(f"over={_tuple(feature.over)}")
    if feature.function == "quantile" and feature.quantile != 0.5:
        parts.append(f"quantile={feature.quantile}")
    parts += [
        f"{name}={text(value)}"
        for name, value in (("unit", feature.unit), ("description", feature.description))
        if value
    ]
    short = f"Feature({', '.join(parts)})"
    return (
        short
        if len(short) + 9 <= WIDTH
        else "Feature(\n" + "".join(f"            {part},\n" for part in parts) + "        )"
    )


def _tuple(values: Sequence[str]) -> str:
    return f"({', '.join(map(text, values))}{',' if len(values) == 1 else ''})"
