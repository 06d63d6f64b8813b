"""`model export` and `model card`: a tuned model for other programs, and for people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.command import Session, Shown, command

if TYPE_CHECKING:
    from rich.console import Console

Name = Annotated[str, typer.Argument(help="A tuned model, registered or installed, or an adapter's folder.")]
VersionOption = Annotated[
    str, typer.Option("--version", help="A version of it, or an alias; without it the one that answers.")
]


def register(group: typer.Typer) -> None:
    command(group, "export")(export)
    command(group, "card")(card)


def export(
    session: Session,
    name: Name,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A folder that is new or empty.")],
    format: Annotated[
        Literal["safetensors", "onnx", "gguf"], typer.Option("--format", help="What other programs read.")
    ] = "safetensors",
    version: VersionOption = "",
) -> Shown:
    """Write the model, with its adapter merged, in a form that other programs serve."""
    from finetune.publication import publish

    session.administer("export models")
    base, adapter = _found(session, name, version)
    made = publish(base, adapter, session.settings.models_folder, to.expanduser(), format, session.say)
    session.lakewright.note(session.principal.name, "model export", f"{name} as {format}")
    document = {**asdict(made), "folder": str(made.folder), "files": list(made.files), "model": name}
    said = f"{name} stands in {made.folder} as {format} ({made.bytes / 1e6:.0f} MB)."
    return Shown(document, lambda console: console.print(said, markup=False))


def card(session: Session, name: Name, version: VersionOption = "") -> Shown:
    """Show what the model was made from, what it scored, what it can't do and how to make it again, in Markdown."""
    from finetune.card import described

    session.administer("read the cards of models")
    folder = _folder(session, name, version)
    text = described(name, folder)

    def human(console: Console) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    return Shown({"model": name, "markdown": text}, human)


def _found(session: Session, name: str, version: str) -> tuple[Path, Path]:
    """The folders of a tuned model's base and adapter."""
    from agents.endpoints import weights
    from app import packaged
    from finetune import adapter

    folder, models = _folder(session, name, version), session.settings.models_folder
    base = adapter.shape(folder)[0]
    packaged.provide(models, session.say, base)
    return weights.base(base, models, session.say), folder


def _folder(session: Session, name: str, version: str) -> Path:
    """The adapter's folder: of a version, or the one that answers."""
    from agents.predictors.store import ModelStore
    from data.errors import Invalid
    from finetune import adapter, stack

    if not version:
        return adapter.find(name, session.settings.models_folder)
    found = ModelStore(session.settings.home).resolve(name, version)
    if found.kind != stack.KIND:
        raise Invalid(f"'{name}' is a model over features, not a tuned one.", "See: lakewright model list")
    return stack.inside(found.folder)
