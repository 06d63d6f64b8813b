"""One look after the other: a look that fails is a finding, and never hides the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from app.settings import Settings
from data.errors import DataError


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Look = Callable[[Settings], Iterator[Check]]


def examine(settings: Settings) -> tuple[Check, ...]:
    """Every check; one that can't be made says why."""
    from app.doctor import home, installation, services

    looks: tuple[Look, ...] = (*installation.LOOKS, *home.LOOKS, *services.LOOKS)
    return tuple(check for look in looks for check in _looked(look, settings))


def _looked(look: Look, settings: Settings) -> Iterator[Check]:
    try:
        yield from look(settings)
    except DataError as error:
        yield Check(look.__name__, False, error.message, error.remedy or "Mend what is named, then look again.")
    except Exception as error:  # noqa: BLE001 - whatever breaks is what the doctor is asked about
        said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        yield Check(look.__name__, False, said, "Set LAKEWRIGHT_DEBUG=1 and run the command that fails.")
