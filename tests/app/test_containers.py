"""The container's files: what they name is there, and no secret has a default."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from agents.endpoints import EndpointSpec
from app.cli import build
from app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OWN = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "lakewright"}


def command(words: list[str]) -> None:
    """Assert that the command line has such a command with such options."""
    place: Any = get_command(build())
    while words and not words[0].startswith("-"):
        assert words[0] in place.commands, words
        place, words = place.commands[words[0]], words[1:]
        if not hasattr(place, "commands"):
            break
    known = {option for parameter in place.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", [name for name in OWN if name != "setup"])
def test_the_services_run_commands_that_there_are(name: str) -> None:
    command(OWN[name]["command"])


def test_setting_up_runs_commands_that_there_are() -> None:
    for line in OWN["setup"]["command"][0].split(" && "):
        assert line.startswith("lakewright ")
        command(line.split()[1:])


def test_the_containerfile_copies_what_is_there_and_serves() -> None:
    text = (ROOT / "Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line
    (words,) = re.findall(r"^CMD (\[.+\])$", text, re.MULTILINE)
    command(json.loads(words))
    assert "USER lakewright" in text


def test_every_variable_is_a_setting_or_one_that_the_catalogue_reads() -> None:
    environment = OWN["lakewright"]["environment"]
    ours = {name.removeprefix(PREFIX).lower() for name in environment}
    assert ours - set(Settings.model_fields) == {"brokers", "cash_url"}
    for spec in json.loads(environment["LAKEWRIGHT_ENDPOINTS"]):
        EndpointSpec.parse(spec)


def test_no_secret_has_a_default_and_one_port_is_open_to_this_machine() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in ("LAKEWRIGHT_SECRET", "POSTGRES_PASSWORD"):
        assert re.search(rf"\$\{{{name}:\?", text)
        assert not re.search(rf"\$\{{{name}:-", text)
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:8400:8400"]


def test_what_is_waited_for_has_a_health_check() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy"
            assert "healthcheck" in services[name]
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])
