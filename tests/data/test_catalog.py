"""A catalogue says what is there, and a wrong one says on which line it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.catalog import Catalog, nearest
from data.errors import Invalid, NotFound

GOOD = """\
version: 1
sources:
  - name: shop
    kind: delta
    location: ${SHOP_PLACE:-lake/shop}
    tables:
      - name: orders
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: Buyer, type: VARCHAR, synonyms: [who], tags: [pii]}
      - name: sales.lines
        columns:
          - {name: order_id, type: BIGINT}
relationships:
  - {from: shop.sales.lines.order_id, to: shop.orders.id}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalog.yaml"


def test_names_are_found_in_any_case(file: Path) -> None:
    file.write_text(GOOD)
    catalog = Catalog.load(file)
    assert catalog.table("SHOP.Orders").column("buyer").name == "Buyer"
    assert catalog.source("Shop").location == "lake/shop"
    (link,) = catalog.relationships
    assert (link.table, link.column, link.to_table, link.to_column) == (
        "shop.sales.lines",
        "order_id",
        "shop.orders",
        "id",
    )


def test_the_environment_gives_a_location(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PLACE", "/srv/shop")
    file.write_text(GOOD)
    assert Catalog.load(file).source("shop").location == "/srv/shop"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "quoted"),
    [
        ("version: 1", "version: 2", 1, "2"),
        ("version: 1", "versoin: 1", 1, "'versoin'"),
        ("kind: delta", "kind: oracle", 4, "'oracle'"),
        ("kind: delta", "kind: [delta]", 4, "['delta']"),
        ("    kind: delta\n", "", 3, "'kind'"),
        ("name: shop", "name: my shop", 3, "'my shop'"),
        ("name: shop", "name: system", 3, "'system'"),
        ("name: shop\n", "name: shop\n    colour: red\n", 4, "'colour'"),
        ("${SHOP_PLACE:-lake/shop}", "${NOT_SET_ANYWHERE}", 5, "'NOT_SET_ANYWHERE'"),
        ("key: id", "key: idd", 8, "'idd'"),
        ("type: BIGINT}", "type: BIGNIT}", 10, "'BIGNIT'"),
        ("name: Buyer", "name: ID", 11, "'ID'"),
        ("tags: [pii]", "tags: pii", 11, "'pii'"),
        ("name: sales.lines", "name: ORDERS", 12, "'ORDERS'"),
        ("to: shop.orders.id", "to: shop.order.id", 16, "'shop.order.id'"),
        ("from: shop.sales", "form: shop.sales", 16, "'form'"),
        ("tables:", "tables: [", 7, "YAML"),
        ("    location", "    kind: delta\n    location", 5, "'kind'"),
    ],
)
def test_an_error_names_the_line_and_the_value(file: Path, right: str, wrong: str, line: int, quoted: str) -> None:
    assert right in GOOD
    file.write_text(GOOD.replace(right, wrong, 1))
    with pytest.raises(Invalid) as caught:
        Catalog.load(file)
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert quoted in str(caught.value)


def test_a_missing_file_is_not_found(file: Path) -> None:
    with pytest.raises(NotFound, match="catalog"):
        Catalog.load(file)


def test_a_file_that_is_no_text_is_invalid(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="catalog"):
        Catalog.load(file)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("shop.order", "Did you mean 'shop.orders'?"),
        ("orders", "Did you mean 'shop.orders'?"),
        ("zzz", ""),
    ],
)
def test_near_names(name: str, hint: str) -> None:
    assert nearest(name, ["shop.orders", "music.tracks"]) == hint


def test_a_large_catalogue_is_kept_and_read_anew_when_it_changes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.document.LARGE", 10)
    file.write_text(GOOD)
    first = Catalog.load(file)
    (kept,) = (file.parent / ".cache").iterdir()
    assert Catalog.load(file) == first
    kept.write_text('{"version": 1}')  # only an unchanged text is looked up, and then nothing else is read
    assert Catalog.load(file) != first
    file.write_text(GOOD.replace("name: Buyer", "name: Seller"))
    assert "seller" in Catalog.load(file).table("shop.orders")
    assert kept not in list((file.parent / ".cache").iterdir())


def test_secrets_are_not_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.document.LARGE", 10)
    monkeypatch.setenv("SHOP_PLACE", "/srv/hidden-place")
    file.write_text(GOOD)
    assert str(Catalog.load(file).source("shop").location) == "/srv/hidden-place"
    (kept,) = (file.parent / ".cache").iterdir()
    assert "hidden-place" not in kept.read_text()
