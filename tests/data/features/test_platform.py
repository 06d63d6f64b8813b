"""Definition files of a home, and what the platform makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.errors import DataError, Forbidden, Invalid, NotFound
from data.features.platform import Features
from data.gateway import Gateway
from tests.data.features.conftest import START, label, pay, payment

HEAD = "from data.features import Feature, FeatureView\n"
GOOD = (
    HEAD
    + """
cards = FeatureView(
    name="cards", entity="card", keys=("card",), source="pay.payments", time="at",
    features=(Feature("n", "count", over=("1h",)), Feature("spent", "sum", "amount", over=("1h", "1d"), unit="USD")),
    owner="risk", description="Use of a card.",
)
"""
)


@pytest.fixture
def features(home: Path, gateway: Gateway) -> Iterator[Features]:
    opened = Features(home, gateway)
    yield opened
    opened.close()


def write(home: Path, text: str, name: str = "cards.py") -> None:
    (home / "features" / name).write_text(text)


def view(**changed: str) -> str:
    """A definition with some fields changed, as Python."""
    fields = {
        "name": '"cards"',
        "entity": '"card"',
        "keys": '("card",)',
        "source": '"pay.payments"',
        "time": '"at"',
        "features": '(Feature("n", "count", over=("1h",)),)',
    } | changed
    return HEAD + f"x = FeatureView({', '.join(f'{name}={value}' for name, value in fields.items())})\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = (", r"'cards\.py', line 1: SyntaxError"),
        (HEAD + "\nx = FeatureView(name='x')", r"'cards\.py', line 3: TypeError: .*missing.*'entity'"),
        (HEAD + "1 / 0", r"'cards\.py', line 2: ZeroDivisionError"),
        (HEAD + "exit(7)", r"'cards\.py', line 2: SystemExit: 7"),
        (view(name='"My Cards"'), r"'cards\.py': View 'My Cards', name: 'My Cards' is not a name"),
        (view(source='"pay.paymnts"'), r"View 'cards', source: there is no table 'pay\.paymnts'.*pay\.payments"),
        (view(keys='("crd",)'), r"View 'cards', keys: the source has no column '\"crd\"'.*'card'"),
        (view(keys='"card"'), "View 'cards', keys: 'card' is not a sequence"),
        (view(keys='("amount",)'), r"keys: 'amount' is DECIMAL\(12,2\)"),
        (view(time='"status"', features='(Feature("n", "sum", "status", over=("1h",)),)'), "can't be taken of VARCHAR"),
        (view(filter='"amount >"'), "View 'cards', filter: 'amount >' can't be read"),
        (view(filter='"TRUE) OR (SELECT"'), "filter: .* can't be read"),
        (view(ttl='"soon"'), "View 'cards', ttl: 'soon' is not a length of time"),
        (view(delay='"-1h"'), "View 'cards', delay: '-1h' is not a length of time"),
        (view(features="()"), "View 'cards', features: .* is not a sequence with something in it"),
        (view(features='("n",)'), "View 'cards', features: 'n' is no Feature"),
        (view(features='(Feature("n", "median", over=("1h",)),)'), "feature 'n': there is no function 'median'"),
        (view(features='(Feature("n", "sum", over=("1h",)),)'), "feature 'n': 'sum' has no expression"),
        (view(features='(Feature("n", "count"),)'), r"feature 'n': over=\(\) has no windows"),
        (view(features='(Feature("n", "count", over=("1y",)),)'), "feature 'n': '1y' is not a length"),
        (view(features='(Feature("n", "count", over=("1h", "1h")),)'), "the name 'n_1h' is there twice"),
        (
            view(features='(Feature("n", "sum", "nothing", over=("1h",)),)'),
            "feature 'n': the source has no column 'nothing'",
        ),
        (view(features='(Feature("n", "sum", "sum(amount)", over=("1h",)),)'), "feature 'n': "),
        (
            view(features='(Feature("n", "last", "getenv(shop)", over=("1h",)),)'),
            "feature 'n': .*'getenv' is not allowed",
        ),
        (view(features='(Feature("n", "last", "(SELECT 1 FROM read_csv(1))", over=("1h",)),)'), "feature 'n': "),
        (view(features='(Feature("n", "quantile", "amount", over=("1h",), quantile=2),)'), r"quantile=2 is not in"),
    ],
)
def test_a_wrong_definition_is_refused_by_file_view_and_field(
    home: Path, features: Features, text: str, said: str
) -> None:
    write(home, GOOD)
    features.apply()
    write(home, text)
    with pytest.raises(DataError, match=said):
        features.apply()
    assert list(features.registry.plans()) == ["cards"]


def test_what_a_file_prints_is_not_among_answers(
    home: Path, features: Features, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home, "print('hello')\n" + GOOD)
    features.apply()
    assert capsys.readouterr() == ("", "hello\n")


def test_a_home_without_definitions_has_none(home: Path, features: Features) -> None:
    (home / "features").rmdir()
    assert features.registry.plans() == {}
    assert features.apply() == []


def test_two_files_may_not_declare_the_same_view(home: Path, features: Features) -> None:
    write(home, GOOD)
    write(home, GOOD, "more.py")
    with pytest.raises(Invalid, match=r"'more\.py' declares the view 'cards', as 'cards\.py' does"):
        features.apply()


def test_a_file_that_others_may_write_is_not_run(home: Path, features: Features) -> None:
    write(home, "raise SystemExit")
    (home / "features/cards.py").chmod(0o664)
    with pytest.raises(Forbidden, match=r"'cards\.py' could have been written by another user"):
        features.apply()
    (home / "features/cards.py").chmod(0o644)
    (home / "features").chmod(0o777)
    with pytest.raises(Forbidden, match="'features'"):
        features.apply()


def test_what_was_applied_is_read_back_the_same_and_needs_no_file(home: Path, features: Features) -> None:
    write(home, GOOD)
    plans = features.apply()
    (home / "features/cards.py").unlink()
    again = Features(home, features.gateway)
    assert list(again.registry.plans().values()) == plans
    with pytest.raises(NotFound, match="Did you mean 'cards'"):
        again.registry.plan("card")


def test_a_set_in_a_file_and_one_in_a_table_are_made_again(home: Path, features: Features) -> None:
    write(home, GOOD)
    features.apply()
    owner = features.gateway.policy.principal("owner")
    with pytest.raises(NotFound, match="not materialised"):
        features.training_set(owner, "SELECT card, at FROM pay.labels", "at", [], "first")
    pay(home, [payment(1, 0, "2.50")])
    label(home, [{"id": 1, "card": 1, "shop": "a", "at": START, "fraud": 0}])
    assert [done.events for done in features.materialize(owner, [], START, print)] == [1]
    first = features.training_set(owner, "SELECT card, at FROM pay.labels", "at", ["cards.spent_1d"], "first")
    pay(home, [payment(1, 0, "7.50")])
    assert [done.events for done in features.materialize(owner, ["cards"], START, print)] == [1]
    out = home / "again.parquet"
    again = features.again(owner, "first", str(out))
    assert again.recipe == first.recipe
    assert pq.read_table(out).column("cards__spent_1d").to_pylist() == [2.5]
    third = features.again(owner, str(out), "third")
    assert (third.rows, third.recipe) == (1, first.recipe)
    with pytest.raises(Invalid, match="neither a Parquet file nor a table's name"):
        features.training_set(owner, "SELECT card, at FROM pay.labels", "at", [], "../out")
    with pytest.raises(NotFound, match="no training set 'fourth'"):
        features.again(owner, "fourth", "fifth")


def test_what_is_given_out_is_audited(home: Path, features: Features) -> None:
    write(home, GOOD)
    features.apply()
    owner, narrow = (features.gateway.policy.principal(name) for name in ("owner", "narrow"))
    pay(home, [payment(1, 0)])
    list(features.materialize(owner, [], START, print))
    features.get(narrow, "cards", [{"card": 1}, {"card": 2}], ["spent_1h"], START)
    record = features.gateway.audit.tail(1)[0]
    assert (record.principal, record.asked, record.rows) == ("narrow", "features of cards", 2)
    assert "pay.payments.amount" in record.lineage["spent_1h"]


@pytest.mark.parametrize("who", ["filtered", "nobody"])
def test_who_may_not_see_the_source_is_told_of_no_view(home: Path, features: Features, who: str) -> None:
    write(home, GOOD)
    features.apply()
    principal = features.gateway.policy.principal(who)
    assert list(features.visible(principal)) == []
    for name in ("cards", "no_such_view"):
        with pytest.raises(NotFound) as error:
            features.get(principal, name, [{"card": 1}], [], START)
        assert error.value.message == f"There is no feature view '{name}' that you may see."


def test_a_policy_that_changes_holds_at_once(home: Path, features: Features) -> None:
    write(home, GOOD)
    features.apply()
    pay(home, [payment(1, 0)])
    owner, all_ = (features.gateway.policy.principal(name) for name in ("owner", "all"))
    list(features.materialize(owner, [], START, print))
    assert features.get(all_, "cards", [{"card": 1}], [], START)[0].values["n_1h"] == 1
    policy = home / "policy.yaml"
    policy.write_text(policy.read_text().replace("  - {to: all, on: pay.*}\n", ""))
    with pytest.raises(NotFound):
        features.get(all_, "cards", [{"card": 1}], [], START)


def test_a_masked_column_hides_what_is_made_of_it(home: Path, features: Features) -> None:
    write(home, GOOD)
    features.apply()
    masked, owner = (features.gateway.policy.principal(name) for name in ("masked", "owner"))
    pay(home, [payment(1, 0)])
    list(features.materialize(owner, [], START, print))
    assert features.get(masked, "cards", [{"card": 1}], [], START)[0].values == {"n_1h": 1}
    with pytest.raises(Forbidden, match=r"'cards\.spent_1h'"):
        features.get(masked, "cards", [{"card": 1}], ["n_1h", "spent_1h"], START)
    with pytest.raises(NotFound, match="has no feature 'other'"):
        features.get(masked, "cards", [{"card": 1}], ["other"], START)
