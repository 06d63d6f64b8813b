"""What a definition must look like, whatever the catalogue has."""

from __future__ import annotations

import re
from typing import Any, Protocol

from data.errors import DataError, Invalid
from data.features.definition import FUNCTIONS, Feature, FeatureView

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Named(Protocol):
    """What errors say where they are in."""

    @property
    def name(self) -> str: ...


class At:
    """Names the view and the field in errors of the block."""

    def __init__(self, view: Named, field: str) -> None:
        self.view, self.field = view, field

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DataError):
            said = f"View '{self.view.name}', {self.field}: {error.message[:1].lower()}{error.message[1:]}"
            raise type(error)(said, error.remedy) from None


def wrong(view: Named, field: str, message: str, remedy: str) -> Invalid:
    return Invalid(f"View '{view.name}', {field}: {message}.", remedy)


def well_formed(view: FeatureView) -> None:
    """Invalid, with the field that is wrong, for names, windows and functions that there can't be."""
    for field, value in (("name", view.name), ("entity", view.entity)):
        named(view, field, value)
    for field, values in (("keys", view.keys), ("features", view.features)):
        if not values or isinstance(values, str):
            raise wrong(view, field, f"{values!r} is not a sequence with something in it", "Write a tuple.")
    for key in view.keys:
        named(view, "keys", key)
    for feature in view.features:
        if not isinstance(feature, Feature):
            raise wrong(view, "features", f"{feature!r} is no Feature", "Write Feature(name, function, …).")
        _feature(view, feature)


def _feature(view: FeatureView, feature: Feature) -> None:
    at = f"feature '{feature.name}'"
    named(view, "features", feature.name)
    if feature.function not in FUNCTIONS:
        raise wrong(view, at, f"there is no function '{feature.function}'", f"Use one of: {', '.join(FUNCTIONS)}.")
    if not feature.over or isinstance(feature.over, str):
        raise wrong(view, at, f"over={feature.over!r} has no windows", 'Write a tuple such as ("1h", "1d").')
    if not feature.expression and feature.function not in ("count", "age"):
        raise wrong(view, at, f"'{feature.function}' has no expression", "Say what it is taken of.")
    if not 0 < feature.quantile <= 1:
        raise wrong(view, at, f"quantile={feature.quantile!r} is not in (0, 1]", "Write 0.5 for the median.")
    if not 0 <= feature.decimals <= 12:
        raise wrong(view, at, f"decimals={feature.decimals!r} is not in 0 to 12", "Leave it out for 6.")


def named(view: Named, field: str, value: object) -> None:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise wrong(view, field, f"{value!r} is not a name", "Use small letters, digits and _, a letter first.")
