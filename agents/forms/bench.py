"""How fast forms are filled: the first time, when nothing of them is known, and many at once when they are learned."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from agents.forms import demo
from agents.forms.evaluate import AS_OF
from agents.forms.forms import Forms
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.forms.embedded import Encode
    from data.gateway import Gateway
    from data.policy import Principal

LEARNED = "suspicious-activity-report"
ROUNDS = 4


@dataclass(frozen=True)
class Speed:
    """`first` are seconds of a filling whose form is not learned; `subjects_per_second` is that of a batch of a learned
    form of `fields` fields, signed and kept; on a busy machine that of the
    processors tells more. `embedded` counts the texts that the learned batch gave to a model."""

    fields: int
    subjects: int
    signed: int
    subjects_per_second: float
    subjects_per_cpu_second: float
    embedded: int
    first_p50: float
    first_p95: float
    first_fillings: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Seconds:
    """On the clock, and of the processors."""

    wall: float
    cpu: float


def speed(gateway: Gateway, principal: Principal, encode: Encode, subjects: int, say: Callable[[str], None]) -> Speed:
    """Measure on the demo, in a place of its own: nothing of it stays in the home. Invalid without the demo."""
    table = demo.hints(LEARNED).subject
    if table not in gateway.catalog:
        raise Invalid(f"There is no table '{table}' here.", "Make a home with: lakewright init --demo")
    with tempfile.TemporaryDirectory() as scratch:
        encode(["the model is loaded before it is measured"])
        say("filling forms that are not learned")
        first = sorted(_first(Path(scratch) / "first", gateway, principal, encode))
        say(f"filling a learned form about {subjects:,} subjects")
        fields, signed, seconds, embedded = _learned(Path(scratch) / "learned", gateway, principal, encode, subjects)
    p95 = first[int(0.95 * (len(first) - 1))]
    return Speed(
        fields,
        subjects,
        signed,
        subjects / seconds.wall,
        subjects / seconds.cpu,
        embedded,
        median(first),
        p95,
        len(first),
    )


def _first(home: Path, gateway: Gateway, principal: Principal, encode: Encode) -> list[float]:
    """Seconds of each filling of each demo form."""
    with closing(Forms(home, gateway, encode)) as forms:
        for name in demo.NAMES:
            forms.registry.add(name, demo.schema(name), demo.hints(name), principal.name)
        return [_timed(forms, principal, name, key) for key in range(11, 11 + ROUNDS) for name in demo.NAMES]


def _timed(forms: Forms, principal: Principal, name: str, key: int) -> float:
    began = time.perf_counter()
    forms.fill(principal, name, str(key), as_of=AS_OF)
    return time.perf_counter() - began


def _learned(
    home: Path, gateway: Gateway, principal: Principal, encode: Encode, subjects: int
) -> tuple[int, int, _Seconds, int]:
    """(fields, signed, seconds, texts that were embedded) of a batch after one filling was signed."""
    embedded = 0

    def counted(texts: Any) -> Any:
        nonlocal embedded
        embedded += len(texts)
        return encode(texts)

    with closing(Forms(home, gateway, counted)) as forms:
        form = forms.registry.add(LEARNED, demo.schema(LEARNED), demo.hints(LEARNED), principal.name)
        filling = forms.fill(principal, LEARNED, "1", as_of=AS_OF)
        forms.sign(principal, filling.filling_id)
        embedded, began = 0, _Seconds(time.perf_counter(), time.process_time())
        keys = [str(key) for key in range(2, subjects + 2)]
        *_, last = forms.batch(principal, LEARNED, keys, key="bench", sign=True, as_of=AS_OF)
        seconds = _Seconds(time.perf_counter() - began.wall, time.process_time() - began.cpu)
        return len(form.fields), last.signed, seconds, embedded
