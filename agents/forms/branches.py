"""Which fields would meet an `anyOf` or a `oneOf` that no branch of is met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.forms.field import escaped
from agents.forms.form import Form

DEEPEST = 8


def wanted_by(form: Form, errors: Sequence[Any], depth: int = 0) -> tuple[int, tuple[str, ...]]:
    """How many errors no empty field mends, and the paths that are required and lacking, of the nearest branch where
    there are several: that with the fewest errors of the first kind, then with the fewest paths."""
    stuck, paths = 0, dict[str, None]()
    for error in errors:
        if error.kind.name == "required":
            path = "/".join(escaped(str(part)) for part in [*error.instance_path, error.kind.property])
            if any(field.path == path or field.path.startswith(f"{path}/") for field in form.fields):
                paths[path] = None
                continue
        branches = getattr(error.kind, "context", None) if depth < DEEPEST else None
        if not branches:
            stuck += 1
            continue
        found = [wanted_by(form, branch, depth + 1) for branch in branches if branch]
        left, more = min(found, key=lambda one: (one[0], len(one[1])), default=(1, ()))
        stuck, paths = stuck + left, paths | dict.fromkeys(more)
    return stuck, tuple(paths)
