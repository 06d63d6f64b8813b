"""The values that a principal may read, and nobody else's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.gateway import Gateway
from data.policy import Policy
from retrieval import Retriever, values
from retrieval.values import Value, ValueIndex


def index(gateway: Gateway, folder: Path, name: str) -> ValueIndex:
    return values.load(gateway, gateway.policy.principal(name), folder)


def stored(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))


def test_all_texts_that_may_be_read_are_found(gateway: Gateway, tmp_path: Path) -> None:
    found = index(gateway, tmp_path / "index", "owner")
    assert found.columns["shop.merchants"]["name"] == ["Blue Bottle Café", "Maple Tea", "Sunset Bakery"]
    assert found.find("blue bottle cafe") == (Value("shop.merchants", "name", "Blue Bottle Café"),)
    assert {v.literal for v in found.find("canada")} == {"CA"}
    assert found.find("no such") == ()
    assert "nova" in found.forms()
    assert "amount" not in found.columns["shop.payments"]


def test_masked_columns_are_never_indexed(gateway: Gateway, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    found = index(gateway, folder, "analyst")
    assert set(found.columns) == {"shop.merchants", "shop.payments"}
    assert set(found.columns["shop.merchants"]) == {"category", "country"}
    assert not any(secret in stored(folder) for secret in ("example.com", "Maple", "Nova"))


@pytest.mark.parametrize(
    ("name", "own"), [("agent-ca", ["Maple Tea"]), ("agent-us", ["Blue Bottle Café", "Sunset Bakery"])]
)
def test_row_filters_hold_for_values(gateway: Gateway, tmp_path: Path, name: str, own: list[str]) -> None:
    index(gateway, tmp_path / "index", "owner")  # what others have read before is of no use to it
    index(gateway, tmp_path / "index", "agent-us" if name == "agent-ca" else "agent-ca")
    found = index(gateway, tmp_path / "index", name)
    assert found.columns == {"shop.merchants": {"name": own, "country": [name[-2:].upper()]}}
    assert found.find("nova") == ()


def test_nobody_reads_nothing(gateway: Gateway, tmp_path: Path) -> None:
    assert index(gateway, tmp_path / "index", "nobody").columns == {}


def test_what_was_read_is_kept_for_those_who_see_the_same(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = index(gateway, tmp_path / "index", "owner")
    monkeypatch.setattr(values, "read_table", lambda *_: pytest.fail("read again"))
    assert index(gateway, tmp_path / "index", "second-owner").columns == first.columns


def test_the_kept_file_is_for_its_owner_only(gateway: Gateway, tmp_path: Path) -> None:
    index(gateway, tmp_path / "index", "owner")
    (path,) = (tmp_path / "index").iterdir()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"shop.merchants": {}}', '{"shop.merchants": 1}', "null"])
def test_a_broken_file_is_read_anew(gateway: Gateway, tmp_path: Path, text: str) -> None:
    index(gateway, tmp_path / "index", "agent-ca")
    (path,) = (tmp_path / "index").iterdir()
    path.write_text(text)
    assert index(gateway, tmp_path / "index", "agent-ca").find("maple tea")
    assert json.loads(path.read_text())


def test_a_changed_table_is_read_again(gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(gateway, tmp_path / "index", "owner")
    read: list[str] = []
    monkeypatch.setattr(values, "read_table", lambda g, p, table: read.append(table.full_name) or {})
    monkeypatch.setattr(gateway, "version", lambda t: "new" if t.name == "plays" else Gateway.version(gateway, t))
    index(gateway, tmp_path / "index", "owner")
    assert read == ["tidal.plays"]


def test_a_live_store_is_trusted_for_a_while() -> None:
    now = values.time.time()
    assert values.Reading(values.LIVE, now, {}).holds(values.LIVE)
    assert not values.Reading(values.LIVE, now - values.TRUSTED - 1, {}).holds(values.LIVE)
    assert values.Reading("7", 0.0, {}).holds("7")
    assert not values.Reading("7", now, {}).holds("8")


def test_a_column_of_too_many_texts_is_left_out(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "FEW", 2)
    merchants = index(gateway, tmp_path / "index", "owner").columns["shop.merchants"]
    assert (merchants["email"], len(merchants["name"]), merchants["category"]) == ([], 3, ["bakery", "cafe"])


def test_many_codes_are_kept(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "FEW", 1)
    owner = gateway.policy.principal("owner")
    merchants = gateway.visible(owner).table("shop.merchants")
    monkeypatch.setattr(values, "_is_code", lambda text: len(text) == 2)
    read = values.read_table(gateway, owner, merchants)
    assert (read["country"], read["category"]) == (["CA", "US"], [])


@pytest.mark.parametrize(
    ("text", "code"), [("0042", True), ("12345678", True), ("123456789", False), ("+1 555", False), ("A1", False)]
)
def test_what_a_code_is(text: str, code: bool) -> None:
    assert values._is_code(text) is code


def test_a_verb_is_found_by_its_other_forms() -> None:
    found = ValueIndex({"a.b": {"status": ["failed", "open"]}})
    assert [v.literal for form in ("fail", "failing", "failed") for v in found.find(form)] == ["failed"] * 3
    assert found.find("opened") == ()


def test_a_code_is_found_by_its_label() -> None:
    index = ValueIndex({"a.b": {"kind": ["E", "P"]}}, {("a.b", "kind"): {"E": "Emergency", "T": "Transfer"}})
    assert index.find("emergency") == (Value("a.b", "kind", "E"),)
    assert index.find("transfer") == ()


def test_who_says_a_label_means_the_code_and_not_the_table_that_explains_it() -> None:
    columns = {"a.b": {"kind": ["E", "P"], "city": ["Planned"]}, "a.codes": {"text": ["Emergency", "Planned", "Other"]}}
    index = ValueIndex(columns, {("a.b", "kind"): {"E": "Emergency", "P": "Planned"}})
    assert index.find("emergency") == (Value("a.b", "kind", "E"),)
    assert set(index.find("planned")) == {Value("a.b", "kind", "P"), Value("a.b", "city", "Planned")}
    assert index.find("other") == (Value("a.codes", "text", "Other"),)


def test_people_are_called_women_where_a_letter_says_it() -> None:
    index = ValueIndex({"a.b": {"sex": ["F", "M", "X"], "size": ["L", "M"]}})
    assert index.find("women") == (Value("a.b", "sex", "F"),)
    assert index.find("man") == (Value("a.b", "sex", "M"),)
    assert ValueIndex({"a.b": {"sex": ["Male", "Female"]}}).find("women") == (Value("a.b", "sex", "Female"),)
    assert ValueIndex({"a.b": {"size": ["L", "M"]}}).find("man") == ()


def test_a_country_that_no_row_has_is_still_a_country() -> None:
    index = ValueIndex({"shop.merchants": {"country": ["CA", "US"], "name": ["Chad's Cafe"]}})
    assert index.find("germany") == (Value("shop.merchants", "country", "DE"),)
    assert index.find("canadian") == (Value("shop.merchants", "country", "CA"),)
    assert index.find("atlantis") == ()
    assert "germany" not in index.forms()


def test_the_lakehouses_own_tables_are_nothing_to_ask_about(gateway: Gateway, tmp_path: Path) -> None:
    everybody = Policy.for_owner(gateway.catalog)
    open_to_all = gateway.under(everybody)
    owner = everybody.principal("owner")
    assert "system.audit" in open_to_all.visible(owner)
    reader = Retriever(open_to_all, tmp_path, tmp_path).reader(owner)
    assert not any(table.source == "system" for table in reader.catalog.tables)
    assert not any(name.startswith("system.") for name in values.load(open_to_all, owner, tmp_path).columns)
