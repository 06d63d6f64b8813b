"""Documents are found by sense and words, cited by place, and only by those who may read them."""

from __future__ import annotations

import pytest

from data.errors import Invalid, NotFound, Unavailable
from data.gateway import Gateway
from retrieval.documents import Library


@pytest.fixture(autouse=True)
def read(library: Library) -> None:
    library.refresh("handbook")


def test_a_passage_is_found_and_tells_where_it_stands(library: Library, gateway: Gateway) -> None:
    owner = gateway.policy.principal("owner")
    best = library.search(owner, "how much may a refund be?")[0].passage
    assert (best.document, best.heading) == ("handbook/support/refunds.md", "Refund policy › Limits")
    assert best.text == "A refund may be at most 500 USD. See the desk for more."
    assert len(best.digest) == 16
    page = library.search(owner, "what to do when the till fails?")[0].passage
    assert (page.document, page.title, page.page) == ("handbook/tills.pdf", "Tills", 2)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("owner", ["salaries.md", "support/refunds.md", "tills.pdf"]),
        ("auditor", ["salaries.md", "support/refunds.md", "tills.pdf"]),
        ("agent", ["support/refunds.md"]),
        ("nobody", []),
    ],
)
def test_everybody_sees_what_is_granted_and_no_more(
    library: Library, gateway: Gateway, name: str, files: list[str]
) -> None:
    principal = gateway.policy.principal(name)
    shelves = library.shelves(principal)
    assert [file.path for shelf in shelves for file in shelf.files] == files
    assert library.holds(principal) is bool(files)
    found = library.search(principal, "What does the chief executive earn?", top=20)
    assert {one.passage.path for one in found} == set(files)
    assert any("chief executive" in one.passage.text for one in found) is ("salaries.md" in files)


def test_what_was_read_is_in_the_audit_trail(library: Library, gateway: Gateway) -> None:
    agent = gateway.policy.principal("agent")
    found = library.search(agent, "refund limit", top=1)[0].passage
    record = gateway.audit.tail(1)[0]
    assert (record.kind, record.principal, record.question, record.rows) == ("document", "agent", "refund limit", 1)
    assert record.versions == {"handbook/support/refunds.md": found.digest}
    assert record.ran == f"handbook/support/refunds.md:{found.start}-{found.end}"


def test_a_grant_that_is_taken_back_holds_at_once(library: Library, gateway: Gateway, home) -> None:
    agent = gateway.policy.principal("agent")
    assert library.search(agent, "refunds")
    policy = home / "policy.yaml"
    policy.write_text(policy.read_text().replace("  - {to: agents, on: handbook/support/*.md}\n", ""))
    assert library.search(gateway.policy.principal("agent"), "refunds") == []


def test_passages_of_another_folder_count_for_nothing(library: Library, gateway: Gateway, home) -> None:
    (home / "other").mkdir()
    catalog = home / "catalog.yaml"
    catalog.write_text(catalog.read_text().replace("location: handbook", "location: other"))
    assert library.search(gateway.policy.principal("owner"), "refunds") == []


def test_a_name_that_is_no_source_is_refused(library: Library) -> None:
    with pytest.raises(NotFound, match=r"'nothing'.*'handbook', 'secret'"):
        library.refresh("nothing")


def test_without_its_folder_nothing_is_forgotten(library: Library, gateway: Gateway, home) -> None:
    (home / "handbook").rename(home / "away")
    with pytest.raises(Unavailable, match="no folder"):
        library.refresh("handbook")
    assert library.search(gateway.policy.principal("owner"), "refunds")


@pytest.mark.parametrize(("question", "top"), [("", 5), ("x" * 5_000, 5), ("refunds", 0), ("refunds", 21)])
def test_senseless_searches_are_refused(library: Library, gateway: Gateway, question: str, top: int) -> None:
    with pytest.raises(Invalid):
        library.search(gateway.policy.principal("owner"), question, top)


@pytest.mark.parametrize("question", ["🎸", "'; DROP TABLE x; --", "the of and", "word " * 500])
def test_no_question_is_too_odd(library: Library, gateway: Gateway, question: str) -> None:
    assert library.search(gateway.policy.principal("owner"), question)
