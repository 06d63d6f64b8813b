"""Forms about the demo's lakehouse: their schemas, hints, right values, and the same fields in other words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from agents.forms.hints import Hints, read_hints

NAMES = (
    "merchant-onboarding",
    "chargeback-response",
    "loan-application",
    "suspicious-activity-report",
    "tax-summary",
    "campaign-brief",
)
OWN = "own"
WORDINGS = (
    *("reworded", "northgate", "harbour", "orchard", "lantern", "quayside", "wharf", "meadow", "drift", "anvil"),
    *("summit", "tern", "heather", "foundry", "juniper", "cedar", "quarry", "linden"),
    *("kontor", "covenant", "basalt", "bureau", "plaza", "marlow", "banyan", "maple", "slate", "harbor"),
)
"""The same fields in other words, by hand: with terse titles, and as other companies print them."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a demo form."""
    return dict(json.loads(_text(f"{name}.json")))


def hints(name: str) -> Hints:
    """What its hints say."""
    return read_hints(_text(f"{name}.hints.yaml"), f"{name}.hints.yaml")


def gold(name: str) -> Mapping[str, Mapping[str, Any] | None]:
    """By path, how to get the right values: `sql` with a row (key, value) for each subject and what it is where there
    is none, one `value` for all, or two fields of which one is to be taken from the other. None for a field that the
    lakehouse can't answer."""
    found: Mapping[str, Mapping[str, Any] | None] = yaml.safe_load(_text(f"{name}.gold.yaml"))
    return found


def wording(name: str, words: str) -> Mapping[str, Mapping[str, Any]]:
    """Other titles for its `sections` and `fields`, by path; one with a description is both."""
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(_text(f"{name}.{words}.yaml"))
    return found


def _text(file: str) -> str:
    return files("agents.forms.demo").joinpath(file).read_text(encoding="utf-8")
