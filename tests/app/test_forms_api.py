"""Forms over HTTP: filled, reviewed, signed and downloaded, by the API and the client."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from app.api import form_examples
from app.api.guard import MOST_BYTES
from app.assembly import Lakewright
from app.scopes import ALL
from lakewright.client import Client, LakewrightError
from lakewright.forms import Filling
from tests.agents.forms.pdf import papers
from tests.app.test_api import events

Connect = Callable[[str], Client]

SHOP = {
    "title": "Shop",
    "type": "object",
    "properties": {
        "name": {"title": "Merchant name", "type": "string"},
        "email": {"title": "Email", "type": "string", "format": "email"},
        "chairs": {"title": "Chairs in the shop", "type": "integer"},
    },
    "required": ["name", "chairs"],
}
HINTS = "subject: square.merchants\nfields: {name: {column: square.merchants.name}, chairs: {person: true}}"


@pytest.fixture
def connect(client: TestClient, lakewright: Lakewright) -> Connect:
    """A client for a principal, where the form `shop` is."""
    from agents.forms.hints import read_hints

    lakewright.forms.registry.add("shop", SHOP, read_hints(HINTS, "hints"), "owner")
    return lambda principal: Client("", lakewright.tokens.create(principal, 1, ALL)[0], http=client)


def signed(owner: Client, about: str = "square.merchants:1") -> Filling:
    filling = owner.forms.fill("shop", about, answers={"chairs": 12})
    return owner.forms.sign(filling.filling_id)


def test_a_form_is_filled_answered_signed_and_downloaded(connect: Connect) -> None:
    owner = connect("owner")
    assert "shop" in [form["name"] for form in owner.forms.list()]
    assert [field["path"] for field in owner.forms.get("shop")["fields"]] == ["name", "email", "chairs"]
    filling = owner.forms.fill("shop", "square.merchants:1")
    name = owner.sql("SELECT name FROM square.merchants WHERE merchant_id = 1")["rows"][0][0]
    assert (filling.status, filling.values["name"], filling.complete) == ("review", name, False)
    source = filling.fields["name"].source
    assert source is not None
    assert (source.table, source.column, source.key) == ("square.merchants", "name", 1)
    assert "chairs" in filling.missing
    with pytest.raises(LakewrightError, match="is not signed"):
        owner.forms.download(filling.filling_id)
    with pytest.raises(LakewrightError, match="chairs"):
        owner.forms.sign(filling.filling_id)
    filling = owner.forms.answer(filling.filling_id, {"chairs": 12})
    assert (filling.complete, filling.fields["chairs"].changed_by) == (True, "owner")
    filling = owner.forms.sign(filling.filling_id)
    assert (filling.status, filling.signer) == ("signed", "owner")
    assert owner.forms.sign(filling.filling_id) == filling == owner.forms.filling(filling.filling_id)
    assert json.loads(owner.forms.download(filling.filling_id)) == filling.values
    assert filling.filling_id in [one.filling_id for one in owner.forms.recent()]


def test_progress_comes_as_events(connect: Connect) -> None:
    heard: list[tuple[str, Any]] = []
    filling = connect("owner").forms.fill("shop", "square.merchants:2", on_event=lambda *event: heard.append(event))
    assert [document["name"] for name, document in heard if name == "step"][:4] == [
        "understand", "resolve", "plan", "fetch",
    ]  # fmt: skip
    assert {document["path"] for name, document in heard if name == "filled"} == {"name", "email", "chairs"}
    assert filling.status == "review"


def test_a_key_stands_for_one_filling_and_one_request(connect: Connect) -> None:
    owner = connect("owner")
    once = owner.forms.fill("shop", "square.merchants:3", key="once")
    assert owner.forms.fill("shop", "square.merchants:3", key="once") == once
    assert owner.forms.fill("shop", "square.merchants:3") != once
    with pytest.raises(LakewrightError, match="another request") as caught:
        owner.forms.fill("shop", "square.merchants:4", key="once")
    assert caught.value.kind == "invalid"


def test_what_names_several_gives_choices(connect: Connect, lakewright: Lakewright) -> None:
    owner = connect("owner")
    [[word, count]] = owner.sql(
        "SELECT split_part(name, ' ', 1), count(*) FROM square.merchants GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    )["rows"]
    assert count > 1
    filling = owner.forms.fill("shop", word)
    assert filling.status == "clarify"
    chosen = owner.forms.choose(filling.filling_id, 2)
    assert chosen.status == "review"
    assert chosen.subject is not None
    assert chosen.subject["label"] == filling.choices[1].label


def test_a_batch_goes_on_under_its_key(connect: Connect) -> None:
    owner = connect("owner")
    subjects = [*(f"square.merchants:{at}" for at in range(10, 14)), "square.merchants:999999"]
    *_, done = owner.forms.batch("shop", subjects, key="many")
    assert (done.done, done.total, done.incomplete, done.skipped) == (5, 5, 4, 0)
    assert [subject for subject, _ in done.failed] == ["square.merchants:999999"]
    assert [subject for subject, _ in done.fillings] == subjects[:4]
    subject = owner.forms.filling(done.fillings[2][1]).subject
    assert subject is not None
    assert subject["key"] == 12
    *_, again = owner.forms.batch("shop", subjects, key="many")
    assert (again.skipped, again.fillings) == (4, done.fillings)


def test_a_batch_needs_a_key(client: TestClient, owner: dict[str, str], connect: Connect) -> None:
    response = client.post("/api/forms/shop/batch", json={"subjects": ["square.merchants:1"]}, headers=owner)
    assert (response.status_code, response.json()["kind"]) == (400, "invalid")
    keyed = {**owner, "Idempotency-Key": "plain"}
    done = client.post("/api/forms/shop/batch", json={"subjects": ["square.merchants:1"]}, headers=keyed).json()
    assert [one["subject"] for one in done["fillings"]] == ["square.merchants:1"]


def test_nobody_else_finds_a_filling(connect: Connect) -> None:
    filling = signed(connect("owner"))
    other = connect("support-ca").forms
    for call in (other.filling, other.sign, other.download, lambda found: other.answer(found, {"chairs": 1})):
        with pytest.raises(LakewrightError) as caught:
            call(filling.filling_id)
        assert caught.value.kind == "not_found"


def test_a_pdf_is_added_filled_and_read_back(connect: Connect) -> None:
    owner = connect("owner")
    form = owner.forms.add("paper", papers.onboarding())
    assert (form["media"], len(form["fields"])) == ("application/pdf", 8)
    answers = {"text1": "Blue Bottle", "is_online": True, "legal_form": "Charity", "opened_on": "2024-03-05"}
    filling = owner.forms.fill("paper", "square.merchants:1", answers=answers)
    file = owner.forms.download(owner.forms.sign(filling.filling_id).filling_id)
    fields = PdfReader(BytesIO(file)).get_fields()
    assert fields is not None
    found = {name: fields[name].get("/V") for name in answers}
    assert found == {"text1": "Blue Bottle", "is_online": "/Yes", "legal_form": "/3", "opened_on": "03/05/2024"}
    assert json.loads(owner.forms.download(filling.filling_id, "json"))["legal_form"] == "Charity"


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda client: client.forms.fill("nothing", "square.merchants:1"), "not_found"),
        (lambda client: client.forms.fill("shop", "square.merchants:1", answers={"chairs": "many"}), "invalid"),
        (lambda client: client.forms.fill("shop", "square.merchants:1", answers={"stools": 1}), "not_found"),
        (lambda client: client.forms.fill("shop", ""), "invalid"),
        (lambda client: client.forms.filling("nothing"), "not_found"),
        (lambda client: list(client.forms.batch("nothing", ["x"], key="x")), "not_found"),
    ],
)
def test_refusals_are_problems_with_their_kind(connect: Connect, call: Callable[[Client], Any], kind: str) -> None:
    with pytest.raises(LakewrightError) as caught:
        call(connect("owner"))
    assert caught.value.kind == kind
    assert caught.value.message


def test_only_the_administrator_adds_forms(connect: Connect) -> None:
    with pytest.raises(LakewrightError) as caught:
        connect("support-ca").forms.add("mine", papers.onboarding())
    assert caught.value.kind == "forbidden"


def test_wrong_answers_begin_nothing(connect: Connect) -> None:
    owner = connect("owner")
    before = owner.forms.recent(1)
    with pytest.raises(LakewrightError, match="can't be 'many'"):
        owner.forms.fill("shop", "square.merchants:1", answers={"chairs": "many"})
    assert owner.forms.recent(1) == before


@pytest.mark.parametrize(
    "body", [{}, {"choice": 1, "answers": {"a": 1}}, {"choice": 0}, {"answers": {"chairs": 1}, "signer": "eve"}]
)
def test_a_review_that_says_nothing_clear_is_refused(client: TestClient, owner: dict[str, str], body: Any) -> None:
    response = client.patch("/api/forms/fillings/x", json=body, headers=owner)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


def test_a_broken_pdf_is_a_problem(connect: Connect) -> None:
    with pytest.raises(LakewrightError, match="damaged") as caught:
        connect("owner").forms.add("broken", papers.onboarding()[:2000])
    assert caught.value.kind == "invalid"


def test_only_a_form_may_be_large(client: TestClient, owner: dict[str, str]) -> None:
    large = b" " * (MOST_BYTES + 1)
    assert client.put("/api/forms/large", content=large, headers=owner).status_code == 400
    assert client.post("/api/forms/shop/fill", content=large, headers=owner).status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("GET", "/shop"), ("PUT", "/shop"), ("POST", "/shop/fill"), ("POST", "/shop/batch"),
        ("GET", "/fillings"), ("GET", "/fillings/x"), ("PATCH", "/fillings/x"), ("POST", "/fillings/x/sign"),
        ("GET", "/fillings/x/download"),
    ],
)  # fmt: skip
def test_without_a_token_nothing_is_given(client: TestClient, method: str, path: str) -> None:
    body = {"about": "x", "subjects": ["x"], "answers": {"a": 1}}
    names = {"/shop/fill": "about", "/shop/batch": "subjects", "/fillings/x": "answers"}
    sent = {names[path]: body[names[path]]} if path in names else None
    assert client.request(method, f"/api/forms{path}", json=sent).status_code == 401


def test_the_description_has_examples_that_are_true(
    client: TestClient, owner: dict[str, str], connect: Connect
) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    described = [
        method for path, methods in paths.items() if path.startswith("/api/forms") for method in methods.values()
    ]
    assert len(described) == 10
    for method in described:
        for media, content in method["responses"]["200"]["content"].items():
            assert "example" in content or content["schema"]["format"] == "binary", (method["summary"], media)
    filling = connect("owner").forms.fill("shop", "square.merchants:5", answers={"chairs": 1}).filling_id
    real = client.get(f"/api/forms/fillings/{filling}", headers=owner).json()
    assert set(real) == set(form_examples.FILLING) == set(form_examples.SIGNED)
    assert set(real["fields"]["name"]) == set(form_examples.VALUE)
    assert set(real["fields"]["name"]["source"]) == set(form_examples.SOURCE)
    form = client.get("/api/forms/shop", headers=owner).json()
    assert (set(form), set(form["fields"][0])) == (set(form_examples.FORM), set(form_examples.FIELD))
    told = {"Accept": "text/event-stream", **owner}
    response = client.post("/api/forms/shop/fill", json={"about": "square.merchants:5"}, headers=told)
    assert {name for name, _ in events(response)} == {"step", "filled", "filling"}
    assert all(f"event: {name}" in form_examples.FILL_EVENTS for name in ("step", "filled", "filling"))


def test_the_same_at_once_is_one_after_another(connect: Connect, lakewright: Lakewright) -> None:
    connect("owner")
    owner, forms = lakewright.principal("owner"), lakewright.forms

    def fill(_: int) -> Any:
        return forms.fill(owner, "shop", "square.merchants:7", key="at once", answers={"chairs": 3})

    with ThreadPoolExecutor(4) as pool:
        filled = list(pool.map(fill, range(4)))
        assert [(one.status, one.document["chairs"]) for one in filled] == [("review", 3)] * 4
        signed = list(pool.map(lambda one: forms.sign(owner, one.filling_id), filled))
    assert len({(one.status, one.signed_at, one.digest) for one in signed}) == 1
    rows = forms.fillings.rows().to_pylist()
    assert sorted(row["path"] for row in rows if row["filling_id"] == filled[0].filling_id) == [
        "chairs",
        "email",
        "name",
    ]
