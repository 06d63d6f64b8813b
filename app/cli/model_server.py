"""`model serve` and `model stop`: a model server of another program, kept up beside ours."""

from __future__ import annotations

import json
import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.command import Session, Shown, command

if TYPE_CHECKING:
    from agents.endpoints.server import Plan
    from app.settings import Settings

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
) -> Shown:
    """Keep a vLLM server up until interrupted, as the endpoint NAME-vllm; adapters are loaded while it runs."""
    from agents.endpoints.server import Server

    lakewright = session.administer("serve models")
    settings = session.settings
    plan = _plan(settings, name, base, shlex.split(program), port)
    server = Server(plan, settings.home / "servers" / name, session.say)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: server.stop())
    lakewright.note(session.principal.name, "model serve", name)
    server.run(lambda: _declare(settings.home, name, plan))
    return Shown({"endpoint": f"{name}-{with_}", "stopped": True}, lambda console: console.print("It has stopped."))


def stop(session: Session, name: Name) -> Shown:
    """Stop a server that `model serve` keeps up."""
    from agents.endpoints import server
    from data.errors import NotFound

    session.administer("serve models")
    if not server.stop(session.settings.home / "servers" / name):
        raise NotFound(f"'{name}' is not served.", f"Serve it: lakewright model serve {name} --with vllm")
    return Shown({"stopped": name}, lambda console: console.print(f"{name} is not served any more.", markup=False))


def _plan(settings: Settings, name: str, base: str | None, program: list[str], port: int) -> Plan:
    """What is to be served: an adapter on its base, or a base alone."""
    from agents.endpoints import weights
    from agents.endpoints.embedded import adapter_folder
    from agents.endpoints.server import Plan, free_port
    from app import packaged
    from app.settings import BASE

    packaged.provide(settings.models_folder)
    bare = name in weights.PACKAGED or Path(name).is_dir()
    model = name if bare else base or BASE
    folder = weights.base(model, settings.models_folder)
    adapters = {} if bare else {name: adapter_folder(name, settings.models_folder)}
    rank = max((_rank(found) for found in adapters.values()), default=16)
    return Plan(Path(model).name, folder, adapters, port or free_port(), tuple(program), rank=rank)


def _rank(adapter: Path) -> int:
    from agents.endpoints import weights

    config: dict[str, Any] = json.loads((adapter / weights.ADAPTER_CONFIG).read_text(encoding="utf-8"))
    return int(config.get("r", 16))


def _declare(home: Path, name: str, plan: Plan) -> None:
    """Make the server an endpoint of the home. It answers once `model use` or `fallback` says so."""
    from app.settings import Settings, remember

    adapter = name if plan.adapters else ""
    spec = {
        "name": f"{name}-vllm",
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
