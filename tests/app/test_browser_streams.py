"""The administrator watches the streams: figures that move, no stream, no broker, and nobody else sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.assembly import Lakewright
from app.settings import Settings
from data.streams.brokers import LocalBroker, local_broker
from data.streams.outlet import Outlet
from data.streams.stream import Broker
from tests.app.axe import looked_at
from tests.app.conftest import Script, picture, sign_in
from tests.app.streaming import declare
from tests.data.streams.simple import Lake

pytestmark = pytest.mark.long

PARTITIONS = 3


@pytest.fixture
def broker() -> Iterator[LocalBroker]:
    with local_broker() as started:
        yield started


@pytest.fixture
def lakes(own_home: Path, broker: LocalBroker, request: pytest.FixtureRequest) -> list[Lake]:
    """So many streams, two unless a test says otherwise, with their topics."""
    names = ["payments", "transfers", *(f"stream_{n}" for n in range(20))][: getattr(request, "param", 2)]
    with Outlet(Broker(broker.address)) as outlet:
        for name in names:
            outlet.require(name, PARTITIONS)
    return declare(own_home, broker.address, names)


@pytest.fixture
def lakewright(lakes: list[Lake], script: Script) -> Iterator[Lakewright]:
    opened = Lakewright.open(Settings.load(lakes[0].home))
    opened.__dict__["endpoints"] = {"embedded": script.open}
    yield opened
    opened.close()


def publish(lake: Lake, values: list[bytes]) -> None:
    with Outlet(lake.broker) as outlet:
        for value in values:
            outlet.send(lake.stream.topic, value)


def watch(page: Any, lakewright: Lakewright) -> Any:
    sign_in(page, lakewright, "owner")
    return opened(page)


def opened(page: Any) -> Any:
    page.locator("#to-streams").click()
    return page.locator("#streams")


def figure(card: Any, name: str) -> Any:
    return card.locator(".lw-figure", has_text=name).locator("dd")


def test_figures_move_as_events_land(page: Any, lakewright: Lakewright, lakes: list[Lake]) -> None:
    publish(lakes[0], [b'{"id": %d, "at": "2026-03-01T11:00:00"}' % n for n in range(40)])
    board = watch(page, lakewright)
    card = board.locator("article", has_text="payments")
    figure(card, "Lag").get_by_text("40", exact=True).wait_for()
    assert card.locator(".lw-badge").inner_text() == "not landing"
    lakes[0].land()
    figure(card, "Lag").get_by_text("0", exact=True).wait_for()
    card.get_by_text("up to date").wait_for()
    assert figure(card, "Events a second").inner_text() == "0.67"
    lakes[0].put([b'{"id": 1}', b"{", b"["], partition=9)
    figure(card, "Dead letters").get_by_text("2", exact=True).wait_for()
    assert board.locator("article").count() == 2
    assert card.locator("svg polyline").count() == 2
    looked_at(page, "streams")


def test_without_a_broker_what_has_landed_is_shown(
    page: Any, lakewright: Lakewright, lakes: list[Lake], broker: LocalBroker
) -> None:
    lakes[1].put([b'{"id": 1}'])
    board = watch(page, lakewright)
    board.get_by_text("up to date").first.wait_for()
    broker.process.kill()
    board.get_by_role("alert").get_by_text("is not available").wait_for()
    card = board.locator("article", has_text="transfers")
    assert figure(card, "Lag").inner_text() == "–"
    assert "ago" in figure(card, "Last commit").inner_text()
    picture(page, "streams_no_broker")


def test_where_no_stream_is_declared_it_says_how(page: Any, lakewright: Lakewright, lakes: list[Lake]) -> None:
    (lakes[0].home / "streams.yaml").unlink()
    board = watch(page, lakewright)
    board.get_by_text("No streams yet").wait_for()
    assert "streams:\n  - name: payments" in board.locator("pre").inner_text()
    picture(page, "streams_none")


@pytest.mark.parametrize("lakes", [12], indirect=True)
def test_many_streams_have_their_place(page: Any, lakewright: Lakewright, lakes: list[Lake]) -> None:
    board = watch(page, lakewright)
    board.get_by_text("up to date").nth(11).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    picture(page, "streams_many")


def test_back_to_the_chat_and_out(page: Any, lakewright: Lakewright) -> None:
    watch(page, lakewright).locator("article").first.wait_for()
    assert not page.locator("#question").is_visible()
    page.locator("#to-chat").click()
    page.locator("#question").wait_for()
    page.locator("#to-streams").click()
    page.locator("#streams article").first.wait_for()
    page.locator("#sign-out").click()
    page.locator("#token").wait_for()
    page.locator("#streams article").first.wait_for(state="detached")


def test_others_see_no_streams(page: Any, lakewright: Lakewright) -> None:
    sign_in(page, lakewright, "guest")
    page.locator("#question").wait_for()
    page.wait_for_timeout(1_000)
    assert not page.locator("#to-streams").is_visible()


def test_who_is_not_allowed_any_more_sees_nothing_more(page: Any, lakewright: Lakewright) -> None:
    board = watch(page, lakewright)
    board.locator("article").first.wait_for()
    for token in lakewright.tokens.all():
        lakewright.tokens.revoke(token.id)
    board.get_by_role("alert").get_by_text("not valid").wait_for()
    assert board.locator("article").count() == 0
