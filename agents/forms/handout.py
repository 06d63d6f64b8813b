"""What a person takes away from a signed form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import Invalid
from data.values import plain

if TYPE_CHECKING:
    from agents.forms.forms import Forms
    from data.policy import Principal

FORMATS = ("pdf", "json")
PDF, JSON = "application/pdf", "application/json"


@dataclass(frozen=True)
class Handout:
    """A file with its name and media type."""

    name: str
    media: str
    content: bytes


def handout(forms: Forms, principal: Principal, filling_id: str, format: str = "") -> Handout:
    """A signed filling as a file, by default as what its form came as. NotFound for no filling of this principal;
    Invalid before it is signed, and for a format that its form has not."""
    if format and format not in FORMATS:
        raise Invalid(f"'{format[:40]}' is no format of a form.", f"Use {' or '.join(FORMATS)}.")
    filling = forms.get(principal, filling_id)
    if filling.status != "signed":
        raise Invalid(f"The filling '{filling_id}' is not signed: it is {filling.status}.", "Sign it first.")
    form = forms.registry.get(filling.form, filling.version)
    name = f"{form.name}-{filling_id[:12]}"
    if (format or ("pdf" if form.media == PDF else "json")) == "json":
        text = json.dumps(plain(filling.document), ensure_ascii=False, indent=2)
        return Handout(f"{name}.json", JSON, text.encode())
    from agents.forms.pdf.fill import filled

    return Handout(f"{name}.pdf", PDF, filled(form, filling.document))
