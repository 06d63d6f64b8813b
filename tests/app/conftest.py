"""A served demo home whose model says what a test wants it to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from agents.endpoints import Endpoint
from agents.endpoints.scripted import scripted
from app.api.server import build
from app.assembly import Lakewright
from app.settings import Settings


@dataclass
class Script:
    """What the model will say: set `replies` before asking."""

    replies: tuple[str | Exception, ...] = ()

    def open(self) -> Endpoint:
        return scripted(*self.replies, name="embedded", instruct=False)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def lakewright(demo_home: Path, script: Script) -> Iterator[Lakewright]:
    """The demo home, open, with a scripted model in the place of the real one."""
    opened = Lakewright.open(Settings.load(demo_home))
    opened.__dict__["endpoints"] = {"embedded": script.open}
    yield opened
    opened.close()


@pytest.fixture
def client(lakewright: Lakewright) -> Iterator[TestClient]:
    """The API over the demo home; it keeps no errors from the test."""
    with TestClient(build(lakewright, chat=False), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def owner(lakewright: Lakewright) -> dict[str, str]:
    return bearer(lakewright, "owner")


@pytest.fixture
def support(lakewright: Lakewright) -> dict[str, str]:
    return bearer(lakewright, "support-ca")


def bearer(lakewright: Lakewright, principal: str) -> dict[str, str]:
    """The header that signs in as a principal."""
    secret, _ = lakewright.tokens.create(principal, 1)
    return {"Authorization": f"Bearer {secret}"}
