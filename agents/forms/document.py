"""Values by path as one document, and what the form's schema says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agents.forms.branches import wanted_by
from agents.forms.field import escaped, steps
from agents.forms.form import Form
from agents.forms.rules import broken

MOST_PROBLEMS = 50
LONGEST = 200


@dataclass(frozen=True)
class Verdict:
    """`wrong` are paths of fields whose values the schema refuses, with what it says, without the values; `lacking` the
    paths of what is required and is not there; `others` what it, or the form's rules, say
    of no field alone; `mending` the paths that would meet the nearest branch of an unmet `anyOf` or `oneOf`, or, where
    no empty field would, those whose values do not go together."""

    wrong: Mapping[str, str]
    lacking: tuple[str, ...]
    others: tuple[str, ...]
    mending: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not (self.wrong or self.lacking or self.others)


def document(values: Mapping[str, Any]) -> Any:
    """The values as one nested document; None for no values of a form that is one value."""
    if "" in values:
        return values[""]
    root: dict[str, Any] = {}
    for path, value in values.items():
        *outer, last = steps(path)
        node = root
        for name in outer:
            node = node.setdefault(name, {})
        node[last] = value
    return root


def judge(form: Form, filled: Any) -> Verdict:
    """What the schema says of a document."""
    validator = _validator(form.name, form.version, _Hold(form))
    wrong: dict[str, str] = {}
    lacking: dict[str, None] = {}
    others: dict[str, None] = {}
    mending: dict[str, None] = {}
    for count, error in enumerate(validator.iter_errors(filled)):
        if count == MOST_PROBLEMS:
            break
        path = "/".join(escaped(str(part)) for part in error.instance_path)
        message = str(error.message)[:LONGEST]
        if error.kind.name == "required":
            name = escaped(str(error.kind.property))
            wanted = f"{path}/{name}" if path else name
            if any(field.path == wanted or field.path.startswith(f"{wanted}/") for field in form.fields):
                lacking[wanted] = None
            else:
                others[f"{path or 'the form'}: '{name}' is required, and the form has no field for it"] = None
        elif (field := _field_of(form, path)) is not None:
            wrong.setdefault(field, message)
        else:
            others[f"{path or 'the form'}: {message}"] = None
            mending |= dict.fromkeys(wanted_by(form, [error])[1] or _held(form, filled, path))
    if form.hints.rules:
        paths = {path for rule in form.hints.rules for path in rule.paths}
        values = {path: found for path in paths if (found := value_at(filled, path)) is not None}
        others |= dict.fromkeys(broken(form.hints.rules, values))
    return Verdict(wrong, tuple(lacking), tuple(others), tuple(mending))


def value_at(filled: Any, path: str) -> Any:
    """The value at a path of a document; None where there is none."""
    for name in steps(path):
        filled = filled.get(name) if isinstance(filled, Mapping) else None
    return filled


def _held(form: Form, filled: Any, path: str) -> list[str]:
    """The fields at or within a path that have a value."""
    inside = (field.path for field in form.fields if not path or field.path.startswith(f"{path}/"))
    return [one for one in inside if value_at(filled, one) is not None]


def _field_of(form: Form, path: str) -> str | None:
    """The field at a path, or around it."""
    while path and path not in form:
        path = path.rpartition("/")[0]
    return path if path in form else None


class _Hold:
    """A form as an argument that a cache does not look into."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hold) and other.form.schema == self.form.schema

    def __hash__(self) -> int:
        return hash((self.form.name, self.form.version))


@lru_cache(maxsize=64)
def _validator(name: str, version: int, hold: _Hold) -> Any:
    from data.streams.decode.exact import validator_of

    return validator_of(hold.form.schema, f"'{name}'")
