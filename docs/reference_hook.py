"""The reference pages of the manual, made from the code at each build."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name, text in (("cli", commands()), ("settings", settings()), ("http", http())):
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def cell(text: object) -> str:
    return " ".join(str(text or "").split()).replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")


def commands() -> str:
    import typer

    from app.cli import build

    return "\n".join(["# Commands", "", *_command(typer.main.get_command(build()), "lakewright")])


def _command(command: Any, path: str) -> Iterator[str]:
    if nested := getattr(command, "commands", None):
        for name in sorted(nested):
            if not nested[name].hidden:
                yield from _command(nested[name], f"{path} {name}")
        return
    yield from (f"## {path}", "", cell(command.help), "", "| parameter | does |", "|---|---|")
    for part in command.params:
        if not getattr(part, "hidden", False):
            names = part.name.upper() if part.param_type_name == "argument" else ", ".join(part.opts)
            yield f"| `{names}` | {cell(getattr(part, 'help', ''))} |"
    yield ""


def settings() -> str:
    import ast
    import inspect

    from app.settings import PREFIX, Settings

    body = ast.parse(inspect.getsource(Settings)).body[0].body  # type: ignore[attr-defined]
    meant = {
        field.target.id: text.value.value
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }
    rows = [
        f"| `{name}` | `{PREFIX}{name.upper()}` | `{cell(field.get_default(call_default_factory=True))}` | "
        f"{cell(meant.get(name))} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        ["# Settings", "", "In the home's `settings.yaml`, or as variables.", "",
         "| setting | variable | default | does |", "|---|---|---|---|", *rows]
    )  # fmt: skip


def http() -> str:
    from app.api.server import build
    from app.assembly import Lakewright
    from app.home import begin
    from app.settings import Settings

    with tempfile.TemporaryDirectory() as home:
        begin(Path(home))
        paths = build(Lakewright(Settings(home=Path(home))), chat=False).openapi()["paths"]
    rows = [
        f"| `{method.upper()} {path}` | {cell(operation.get('description') or operation.get('summary'))} |"
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]
    return "\n".join(["# HTTP", "", "The whole description is served at `/api/openapi.json`.", "",
                      "| operation | does |", "|---|---|", *rows])  # fmt: skip
