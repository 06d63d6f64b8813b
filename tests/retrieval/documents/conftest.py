"""A home with a folder of documents, PDF files made on the spot, and its library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.federation import open_gateway
from data.gateway import Gateway
from retrieval.documents import Library
from retrieval.embedding import MiniLM

CATALOG = """
version: 1
sources:
  - {name: handbook, kind: documents, location: handbook, owner: compliance, description: Our rules.}
  - {name: secret, kind: documents, location: secret}
"""
POLICY = """
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: agent, groups: [agents]}
  - {name: auditor, groups: [auditors]}
  - {name: nobody}
grants:
  - {to: owners, on: "*"}
documents:
  - {to: agents, on: handbook/support/*.md}
  - {to: auditors, on: handbook}
"""
REFUNDS = """# Refund policy

## Limits

A refund may be at most **500 USD**. See [the desk](https://example.com) for more.

## Deadlines

- Refunds are accepted up to 30 days after the purchase.
- Vouchers are never refunded.
"""
SALARIES = "# Salaries\n\nThe chief executive earns 900,000 USD a year. Salaries are secret.\n"


def pdf(*pages: list[str], title: str = "") -> bytes:
    """A PDF file with these lines of text on its pages."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = "".join(f"({line}) Tj 0 -16 Td " for line in lines)
        stream = f"BT /F1 12 Tf 50 750 Td {shown}ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        resources = f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] {resources} >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< /Title ({title}) >>")
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer << /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\nstartxref\n{len(made)}\n%%EOF\n"
    return made + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    return pdf


@pytest.fixture(scope="session")
def minilm(models: Path) -> MiniLM:
    return MiniLM(models)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Refunds for support, salaries for the few, and a runbook in a PDF."""
    home = tmp_path / "documented"
    (home / "handbook" / "support").mkdir(parents=True)
    (home / "secret").mkdir()
    (home / "catalog.yaml").write_text(CATALOG)
    (home / "policy.yaml").write_text(POLICY)
    (home / "handbook" / "support" / "refunds.md").write_text(REFUNDS)
    (home / "handbook" / "salaries.md").write_text(SALARIES)
    runbook = pdf(["Runbook"], ["When the till fails, count the cash by hand.", "Then call the desk."], title="Tills")
    (home / "handbook" / "tills.pdf").write_bytes(runbook)
    return home


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(home, threads=1)
    yield gateway
    gateway.close()


@pytest.fixture
def library(gateway: Gateway, home: Path, minilm: MiniLM) -> Library:
    return Library(gateway, home, lambda: minilm)
