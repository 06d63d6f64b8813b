"""Secrets come into a location by environment or file, whatever their letters, and are never shown."""

from __future__ import annotations

import pickle
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.catalog import Catalog
from data.errors import Invalid
from data.location import Location, expand, redacted, refuse_literal, shown

CATALOG = """\
version: 1
sources:
  - name: bank
    kind: postgres
    location: PLACE
"""


def load(tmp_path: Path, place: str) -> Catalog:
    file = tmp_path / "catalog.yaml"
    file.write_text(CATALOG.replace("PLACE", f"'{place}'"))
    return Catalog.load(file)


@given(secret=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1))
def test_any_password_survives(secret: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET", secret)
        place = expand("postgresql://app:${SECRET}@db.internal:5433/bank")
    parts = urlsplit(place)
    assert (unquote(parts.password or ""), parts.hostname, parts.port) == (secret, "db.internal", 5433)
    assert shown(place) == "postgresql://app:***@db.internal:5433/bank"


def test_a_file_gives_a_secret_without_its_last_newline(tmp_path: Path) -> None:
    (tmp_path / "pg").write_text("s3 cret/\n")
    source = load(tmp_path, f"postgresql://app:${{file:{tmp_path}/pg}}@h/db").source("bank")
    assert source.location == "postgresql://app:s3%20cret%2F@h/db"
    assert "cret" not in repr(source)


def test_a_missing_file_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"catalog\.yaml:5: the file '/nowhere/pg' can't be read: No such file"):
        load(tmp_path, "postgresql://app:${file:/nowhere/pg}@h/db")


def test_the_whole_location_may_be_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK", "postgresql://app:hunter2@h:1/db?password=hunter2")
    source = load(tmp_path, "${BANK:-postgres}").source("bank")
    assert source.location == "postgresql://app:hunter2@h:1/db?password=hunter2"
    assert "hunter2" not in repr(source)
    assert "hunter2" not in str(shown(source.location))


@pytest.mark.parametrize(
    "place",
    [
        "postgresql://app:hunter2@h/db",
        "postgresql://app:hunter2${X}@h/db",
        "postgresql://app:${X:-hunter2}@h/db",
        "postgresql://app:hun/ter2@h/db",
        "mysql://app:hunter2@h/db",
        "postgresql://h/db?password=hunter2",
        "postgresql://h/db?sslmode=require&PASSWORD=hunter2",
        "host=h user=app password=hunter2",
        "https://h/db?access_token=hunter2",
        "${URL:-postgresql://app:hunter2@h/db}",
    ],
)
def test_a_literal_password_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("X", "x")
    with pytest.raises(Invalid, match=r"catalog\.yaml:5: a password stands in the location\..*'\$\{NAME\}'") as caught:
        load(tmp_path, place)
    assert "hunter2" not in str(caught.value)
    assert "ter2" not in str(caught.value)


@pytest.mark.parametrize(
    "place", ["postgresql://app@h/db", "postgresql://app:@h/db", "lake/shop", "/data/a=b", "C:x@y", "postgresql:///db"]
)
def test_a_location_without_a_secret_stays_as_it_is(place: str) -> None:
    refuse_literal(place)
    assert (expand(place), shown(expand(place)), redacted(place)) == (place, place, place)


def test_a_copy_is_as_silent() -> None:
    place = Location("a:secret", "a:***")
    assert repr(pickle.loads(pickle.dumps(place))) == "'a:***'"
