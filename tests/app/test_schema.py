"""The API does what its description says, whatever is sent: no fault, no status that is not described.

LAKEWRIGHT_EXAMPLES=1000 makes the long run that docs/api.md tells of, LAKEWRIGHT_OPERATIONS=forms holds it to the
operations whose path has this in it.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agents.endpoints.scripted import scripted
from app.api.rates import Rates
from app.api.server import build
from app.assembly import Lakewright
from app.jobs import cancel, submit
from app.scopes import ALL
from app.settings import Settings
from tests.app.conftest import running
from tests.app.served import copied

# Set before the tests drop what begins with LAKEWRIGHT_.
EXAMPLES = int(os.environ.get("LAKEWRIGHT_EXAMPLES", "4"))
OPERATIONS = os.environ.get("LAKEWRIGHT_OPERATIONS", "")
# A 500 is never described, so it is a fault like any other status that is not.
CHECKS: Any = [status_code_conformance, content_type_conformance, response_schema_conformance]
COUNT = "SELECT count(*) FROM square.merchants"
FORM = {"title": "Visit", "type": "object", "properties": {"reason": {"type": "string"}}}
LATER = ("/download", "/drift")
"""What is there only when a filling is signed, or when a model has been asked for long."""


@pytest.fixture
def opened(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lakewright]:
    """A home of its own, as forms are added to it, whose model always says the same, and whose jobs only wait. The long
    run has scores too."""
    monkeypatch.setattr("app.jobs.wake", lambda lakewright: None)
    home = tmp_path / "copy"
    opened = Lakewright.open(Settings.load(copied(demo_home, home) if EXAMPLES >= 100 else _plain(demo_home, home)))
    opened.__dict__["endpoints"] = {"embedded": lambda: scripted(*[COUNT] * 4, name="embedded", instruct=False)}
    opened.__dict__["rates"] = Rates(10**9)
    yield opened
    opened.close()


def _plain(demo_home: Path, home: Path) -> Path:
    home.mkdir()
    for name in ("catalog.yaml", "policy.yaml", "tidal.sqlite"):
        shutil.copyfile(demo_home / name, home / name)
    shutil.copytree(demo_home / "lake" / "square", home / "lake" / "square")
    return home


def there(opened: Lakewright) -> dict[str, str]:
    """A thing that exists, by the beginning of its operations' paths: the longest one counts."""
    from agents.forms.hints import Hints
    from agents.forms.intake import add_file

    owner = opened.principal("owner")
    answer = opened.ask.run(owner, "How many merchants are there?")
    id, number = opened.conversations.ask("owner", "work", "How many merchants are there?")
    opened.conversations.answered("owner", id, number, answer.answer_id)
    add_file(opened.forms.registry, "visit", json.dumps(FORM).encode(), Hints(), "owner")
    filling = opened.forms.fill(owner, "visit", "merchant 1").filling_id
    job = submit(opened, "improve", "", "owner").id
    cancel(opened, job, "owner")  # whoever follows it comes to its end
    return {
        "/api/answers/": answer.answer_id, "/api/conversations/": id, "/api/catalog/": "square.merchants",
        "/api/forms/": "visit", "/api/forms/fillings/": filling, "/api/jobs/": job, "/api/endpoints/": "embedded",
        "/v1/models/": "ask", **({"/api/models/": "risk"} if EXAMPLES >= 100 else {}),
    }  # fmt: skip


def named(path: str, known: dict[str, str]) -> str:
    """The thing that an operation on one of many is tried on, "" where none is known."""
    prefix = max((one for one in known if path.startswith(one)), key=len, default="")
    return known[prefix] if prefix and "{" in path else ""


def test_the_api_keeps_to_its_description(opened: Lakewright) -> None:
    app, known = build(opened, chat=False), there(opened)
    headers = {"Authorization": f"Bearer {opened.tokens.create('owner', 1, ALL)[0]}"}
    operations = [found.ok() for found in schemathesis.openapi.from_dict(app.openapi()).get_all_operations()]
    chosen = sorted((one for one in operations if OPERATIONS in one.path), key=lambda one: one.method == "delete")
    assert chosen
    never = []
    with running(app) as address:
        for operation in chosen:
            name, seen = named(operation.path, known), Counter[int]()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _tried(operation, mode, address.rstrip("/"), headers, name, seen)
            sys.stderr.write(f"{operation.method} {operation.path} {json.dumps(seen)}\n")
            if name and operation.method == "get" and not seen[200]:
                never.append((operation.path, seen))
    assert not [one for one in never if not one[0].endswith(LATER)]


def _tried(
    operation: Any, mode: GenerationMode, address: str, headers: dict[str, str], name: str, seen: Counter[int]
) -> None:
    """Half of the requests about one of many are about `name`, which is there."""
    turns = itertools.count()
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query or operation.path_parameters):
        return

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES < 100,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        if name and next(turns) % 2 == 0:
            case.path_parameters = dict.fromkeys(case.path_parameters, name)
        response = case.call(base_url=address, headers=headers, timeout=120)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    ask()


def test_every_operation_has_an_example_and_every_status(lakewright: Lakewright) -> None:
    description = build(lakewright, chat=False).openapi()
    failures = {"400", "401", "403", "404", "408", "413", "422", "429", "503"}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["description"] or operation["summary"], place
            if path == "/healthz":
                continue
            assert failures <= set(operation["responses"]), place
            success = next(found for status, found in operation["responses"].items() if status.startswith("2"))
            assert "content" not in success or any("example" in one for one in success["content"].values()), place
            assert "requestBody" not in operation or _has_example(operation["requestBody"], description), place


def _has_example(body: dict[str, Any], description: dict[str, Any]) -> bool:
    schemas = description["components"]["schemas"]
    for content in body["content"].values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if "example" in content or schemas.get(name, {}).get("examples"):
            return True
    return False
