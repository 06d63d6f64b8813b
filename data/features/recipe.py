"""What a training set was made of, so that it can be made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from data.errors import Invalid


@dataclass(frozen=True)
class Recipe:
    """What a training set was made of: enough to make it again."""

    labels: str
    """The SELECT that gave the labels."""
    time: str
    features: tuple[str, ...]
    """`view.feature` of each."""
    tables: Mapping[str, str] = field(default_factory=dict)
    """Table that the labels were read from -> version of its store."""
    histories: Mapping[str, int] = field(default_factory=dict)
    """View -> version of its prepared events."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """View -> the definition's digest."""

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str | bytes) -> Recipe:
        """The recipe in a training set's metadata; Invalid for anything else."""
        try:
            found = json.loads(text)
            return cls(**{**found, "features": tuple(found["features"])})
        except (ValueError, TypeError, KeyError):
            raise Invalid("This is no training set of Lakewright's: it does not say what it is made of.") from None
