"""`model serve` and `model stop`: a model server of another program, kept up beside ours."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.command import Session, Shown, command

if TYPE_CHECKING:
    from agents.endpoints.server import Plan
    from app.settings import Settings

MEMORY = 2.0
"""GB for keys and values that a server gets in a machine's own memory, of which vLLM would take nine tenths."""

Name = Annotated[str, typer.Argument(help="An adapter, or a base model.")]


def register(group: typer.Typer) -> None:
    command(group, "serve")(serve)
    command(group, "stop")(stop)


def serve(
    session: Session,
    name: Name,
    with_: Annotated[Literal["vllm"], typer.Option("--with", help="The server.")] = "vllm",
    base: Annotated[str | None, typer.Option(help="The adapter's base model.  [default: that of the home]")] = None,
    program: Annotated[str, typer.Option("--command", help="How the server's command line begins.")] = "vllm",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 takes any free one.")] = 0,
    memory: Annotated[
        float | None,
        typer.Option(min=0.1, help="GB for keys and values.  [default: 2 without a GPU, else all that it has]"),
    ] = None,
) -> Shown:
    """Keep a vLLM server up until interrupted, as the endpoint NAME-vllm; adapters are loaded while it runs."""
    from agents.endpoints.server import Server

    lakewright = session.administer("serve models")
    settings = session.settings
    plan = _plan(settings, name, base, shlex.split(program), port, memory)
    server = Server(plan, _folder(settings, name), session.say)
    lakewright.note(session.principal.name, "model serve", name)
    with _signals(server.stop):
        server.run(lambda: _declare(settings.home, _endpoint(name), plan))
    return Shown({"endpoint": _endpoint(name), "stopped": True}, lambda console: console.print("It has stopped."))


def stop(session: Session, name: Name) -> Shown:
    """Stop a server that `model serve` keeps up."""
    from agents.endpoints import server
    from data.errors import NotFound

    session.administer("serve models")
    if not server.stop(_folder(session.settings, name)):
        raise NotFound(f"'{name}' is not served.", f"Serve it: lakewright model serve {name} --with vllm")
    return Shown({"stopped": name}, lambda console: console.print(f"{name} is not served any more.", markup=False))


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """While the block runs, an interrupt calls `stop`."""
    before = {sign: signal.signal(sign, lambda *_: stop()) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _folder(settings: Settings, name: str) -> Path:
    """Where a server's log is, and what tells who watches it."""
    return settings.home / "servers" / Path(name).name


def _endpoint(name: str) -> str:
    return f"{Path(name).name}-vllm"


def _plan(settings: Settings, name: str, base: str | None, program: list[str], port: int, memory: float | None) -> Plan:
    """What is to be served: an adapter on its base, or a base alone."""
    from agents.endpoints import weights
    from agents.endpoints.embedded import adapter_folder, pick
    from agents.endpoints.server import Plan, free_port
    from app import packaged
    from app.settings import BASE
    from finetune.parity import faults
    from finetune.parity.faults import Files, Made

    bare = name in weights.PACKAGED or (Path(name) / "config.json").is_file()
    model = name if bare else base or BASE
    packaged.provide(settings.models_folder, name=model)
    folder = weights.base(model, settings.models_folder)
    adapters = {} if bare else {Path(name).name: adapter_folder(name, settings.models_folder)}
    for adapter in adapters.values():
        faults.refuse(Files("vllm", folder), Made(folder, adapter))
    rank = max((_rank(found) for found in adapters.values()), default=16)
    kept = memory or (MEMORY if pick("auto") == "cpu" else None)
    return Plan(Path(model).name, folder, adapters, port or free_port(), tuple(program), rank=rank, memory=kept)


def _rank(adapter: Path) -> int:
    from agents.endpoints import weights

    config: dict[str, Any] = json.loads((adapter / weights.ADAPTER_CONFIG).read_text(encoding="utf-8"))
    return int(config.get("r", 16))


def _declare(home: Path, endpoint: str, plan: Plan) -> None:
    """Make the server an endpoint of the home. It answers once `model use` or `fallback` says so."""
    from app.settings import Settings, remember

    adapter = next(iter(plan.adapters), "")
    spec = {
        "name": endpoint,
        "kind": "openai",
        "url": f"{plan.url}/v1",
        "model": plan.name,
        "adapter": adapter,
        "grammar": True,
        "instruct": not adapter,
    }
    kept = [one.model_dump(mode="json", exclude_defaults=True) for one in Settings.load(home).endpoints]
    if spec not in kept:
        remember(home, endpoints=[*(one for one in kept if one["name"] != spec["name"]), spec])
