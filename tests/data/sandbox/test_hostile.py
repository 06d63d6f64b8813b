"""Programs that attack: none gets out, none stops the others, and nothing of them is left."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.gateway import Gateway
from data.sandbox import Limits, Outcome, Program, Sandbox
from data.sandbox.reading import CONTROL

GROUPS = yaml.safe_load((Path(__file__).with_name("hostile.yaml")).read_text(encoding="utf-8"))
ATTACKS = [(f"{group} {number}", attack) for group, attacks in GROUPS.items() for number, attack in enumerate(attacks)]
LIMITS = Limits(
    seconds=10,
    cpu_seconds=10,
    memory_mb=256,
    processes=16,
    open_files=64,
    file_mb=8,
    files=200,
    output_kb=16,
    rows=10_000,
    queries=20,
    result_bytes=4 * 1024**2,
    chart_kb=64,
)
CANARY = "CANARY-8d1f"
AT_ONCE = 3
SPACES = frozenset({"users", "processes", "network", "messages", "files"})
BY_FEWER = ("reading files", "links", "writing files", "network", "processes")
"""The attacks that Landlock and seccomp have to withstand by themselves."""


class Outside:
    """What programs try to reach: sockets that listen and a file that is secret."""

    def __init__(self, folder: Path) -> None:
        self.secret = folder / "secret"
        self.secret.write_text(CANARY, encoding="utf-8")
        Path(f"{self.secret}.py").write_text("raise SystemExit", encoding="utf-8")
        self.tcp, self.udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.unix, self.abstract = (socket.socket(socket.AF_UNIX) for _ in range(2))
        self.unix.bind(str(folder / "socket"))
        self.abstract.bind(f"\0{folder.name}-{os.getpid()}")
        for end in (self.unix, self.abstract):
            end.listen()
        for end in self.ends:
            end.setblocking(False)

    @property
    def ends(self) -> tuple[socket.socket, ...]:
        return (self.tcp, self.udp, self.unix, self.abstract)

    def words(self, home: Path) -> dict[str, str]:
        return {
            "$SECRET": str(self.secret),
            "$HOME": str(home),
            "$TCP": str(self.tcp.getsockname()[1]),
            "$UDP": str(self.udp.getsockname()[1]),
            "$UNIX": self.unix.getsockname(),
            "$ABSTRACT": self.abstract.getsockname()[1:].decode(),
            "$PARENT": str(os.getpid()),
        }

    def reached(self) -> list[socket.socket]:
        """The sockets at which something has come in."""
        found = []
        for end in self.ends:
            try:
                found.append(end.recvfrom(9) and end if end is self.udp else end.accept() and end)
            except BlockingIOError:
                continue
        return found


@pytest.fixture(scope="module", params=[frozenset(), SPACES], ids=["all walls", "without namespaces"])
def outcomes(
    request: pytest.FixtureRequest, lakehouse: Path, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Outcome]]:
    """Every attack has been run, several at once, while somebody else went on asking."""
    os.environ["CANARY"] = CANARY
    before = _state(lakehouse)
    outside = Outside(tmp_path_factory.mktemp("outside"))
    sandbox = Sandbox(gateway, lakehouse / "sandbox", LIMITS, warm=AT_ONCE, without=request.param)
    attacks = [(name, attack) for name, attack in ATTACKS if not request.param or _needs_no_view(name, attack)]
    done = threading.Event()
    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        served = pool.submit(_others, gateway, done)
        words = outside.words(lakehouse)
        try:
            found = dict(pool.map(lambda one: (one[0], _run(sandbox, gateway, one[1], words)), attacks))
        finally:
            done.set()
            sandbox.close()
    os.environ.pop("CANARY")
    assert served.result() > 0, "nobody else was answered meanwhile"
    yield found
    try:
        assert outside.reached() == []
        assert outside.secret.read_text(encoding="utf-8") == CANARY
        assert _state(lakehouse) == before
        assert gateway.audit.verify().ok
        assert not list((lakehouse / "sandbox").iterdir())
    finally:
        for end in outside.ends:
            end.close()


def _needs_no_view(name: str, attack: dict[str, Any]) -> bool:
    return name.rpartition(" ")[0] in BY_FEWER and "needs" not in attack


def _run(sandbox: Sandbox, gateway: Gateway, attack: dict[str, Any], words: dict[str, str]) -> Outcome:
    code = attack["code"]
    for word, value in words.items():
        code = code.replace(word, value)
    seconds = attack.get("seconds", LIMITS.seconds)
    limits = Limits(**{**LIMITS.__dict__, "seconds": seconds})
    return sandbox.run(
        gateway.policy.principal("agent-ca"), Program(code, attack.get("language", "python")), limits=limits
    )


def _others(gateway: Gateway, done: threading.Event) -> int:
    """How often somebody else was answered, rightly each time."""
    count = 0
    while not done.wait(0.2):
        result = gateway.query(gateway.policy.principal("owner"), "SELECT count(*) AS n FROM shop.orders")
        assert result.table.to_pylist() == [{"n": 5}]
        count += 1
    return count


def _state(home: Path) -> dict[str, bytes]:
    """The files of the lakehouse, but those of the server that has one of its own and of the audit trail."""
    names = {name: b"" for name in os.listdir(home) if name != "sandbox"}
    places = [home / "policy.yaml", home / "catalog.yaml", home / "music.sqlite", *(home / "lake").rglob("*")]
    return names | {
        str(place): place.read_bytes() for place in places if place.is_file() and "system" not in place.parts
    }


def test_there_are_two_hundred_attacks() -> None:
    assert len(ATTACKS) >= 200


@pytest.mark.parametrize(("name", "attack"), ATTACKS, ids=[name for name, _ in ATTACKS])
def test_an_attack_gets_nowhere(name: str, attack: dict[str, Any], outcomes: dict[str, Outcome]) -> None:
    if name not in outcomes:
        pytest.skip("it is not for fewer walls")
    outcome = outcomes[name]
    shown = f"{outcome.stdout} {outcome.stderr} {outcome.result and outcome.result.to_pylist()}"
    assert outcome.status in (*attack["expect"], *attack.get("or", ())), (attack["code"], outcome)
    # A traceback shows the line that failed, in which the word may stand.
    assert "ESCAPED" not in outcome.stdout, (attack["code"], outcome)
    assert CANARY not in shown
    assert len(outcome.stdout) <= LIMITS.output_kb * 1024
    assert len(outcome.charts) == attack.get("charts", len(outcome.charts))
    for text in (outcome.stdout, outcome.stderr, str(outcome.error and outcome.error.message)):
        assert not CONTROL.search(text)
