"""What a model over features is made of: `model.json` beside `model.txt`, LightGBM's own text. Nothing is pickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from agents.predictors.distribution import Distribution
from data.errors import Invalid, NotFound

FORMAT = 1
SPEC, TREES = "model.json", "model.txt"
INSIDE = Path("data/predictor")
"""Where MLflow's model folder has the artefact."""

Task = Literal["classify", "rank"]


@dataclass(frozen=True)
class Column:
    """An input of the trees: a feature named `view__feature`, as in training sets, or a column of the subject."""

    name: str
    kind: Literal["number", "category"] = "number"
    categories: tuple[str, ...] = ()

    @property
    def feature(self) -> str:
        """`view.feature`; empty for a column of the subject."""
        view, _, feature = self.name.partition("__")
        return f"{view}.{feature}" if feature else ""


@dataclass(frozen=True)
class Spec:
    """Everything that scoring needs besides the trees."""

    name: str
    task: Task
    subject: str
    """One SELECT over tables of the catalogue: a row for each subject, with its key, the keys of the views' entities,
    the moment and the columns of its own that the model reads."""
    key: tuple[str, ...]
    time: str
    """The subject's column with the moment."""
    features: tuple[str, ...]
    """`view.feature` of each, as training sets take them."""
    columns: tuple[Column, ...]
    description: str = ""
    """What a prediction says, in words: of these, people ask for it."""
    choice: str = ""
    """The column whose values are ranked; for the task `rank` alone."""
    choices: tuple[str, ...] = ()
    knots: tuple[tuple[float, float], ...] = ()
    """Isotonic calibration: raw probability -> probability, straight lines between. Empty: as it is."""
    threshold: float = 0.5
    costs: Mapping[str, str] = field(default_factory=dict)
    """What a miss and a false alarm cost, in words."""
    reference: Mapping[str, Distribution] = field(default_factory=dict)
    """Column -> how its values were spread in training."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Table or view -> the version that training read."""

    def write(self, folder: Path) -> None:
        document = {"format": FORMAT, **asdict(self)}
        document["reference"] = {name: one.as_json() for name, one in self.reference.items()}
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / SPEC).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Spec:
        """NotFound where there is no model, Invalid where it is no model of ours."""
        path = inside(folder) / SPEC
        try:
            return cls._parsed(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise NotFound(f"There is no model in '{folder}'.", "Train it again: lakewright train RECIPE") from None
        except (OSError, ValueError, KeyError, TypeError):
            raise Invalid(f"'{path}' can't be read as a model.", "Train it again: lakewright train RECIPE") from None

    @classmethod
    def _parsed(cls, found: dict[str, Any]) -> Spec:
        if found.pop("format") != FORMAT:
            raise ValueError("another format")
        for name in ("key", "features", "choices"):
            found[name] = tuple(found[name])
        found["columns"] = tuple(Column(**{**c, "categories": tuple(c["categories"])}) for c in found["columns"])
        found["knots"] = tuple((float(x), float(y)) for x, y in found["knots"])
        found["reference"] = {name: Distribution.parse(one) for name, one in found["reference"].items()}
        return cls(**found)


def inside(folder: Path) -> Path:
    """The artefact's own folder, given it or MLflow's model folder."""
    return folder / INSIDE if (folder / "MLmodel").is_file() else folder
