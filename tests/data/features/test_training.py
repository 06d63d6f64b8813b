"""Training sets: as the row-by-row reference has them, from any order of arrival, and with nothing from the future."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import Forbidden, Invalid, NotFound
from data.features import choice, fetch, training
from data.features.compile import plan_of
from data.features.definition import Feature, FeatureView
from data.features.history import History
from data.features.ingest import ingest
from data.features.plan import Plan
from data.features.recipe import Recipe
from data.features.results import microseconds
from data.gateway import Gateway
from tests.data.features import naive
from tests.data.features.conftest import START, build, label, opened, pay, payment
from tests.data.features.views import CARDS, prepared

LATER = dt.datetime(2030, 1, 1)
ALL = "SELECT * FROM pay.labels"


def planned(gateway: Gateway, view: FeatureView = CARDS) -> Plan:
    return plan_of(view, gateway.catalog, gateway.policy.functions)


def brought(home: Path, gateway: Gateway, plan: Plan) -> None:
    ingest(plan, gateway, gateway.policy.principal("owner"), home, LATER)


def made(
    home: Path, gateway: Gateway, plan: Plan, labels: str = ALL, *, who: str = "owner", only: tuple[str, ...] = ()
) -> pa.Table:
    principal = gateway.policy.principal(who)
    chosen = choice.choose({plan.view.name: plan}, only, gateway, principal, home)
    return collected(home, gateway, who, chosen, labels)


def collected(home: Path, gateway: Gateway, who: str, chosen: Any, labels: str, **more: Any) -> pa.Table:
    found: list[pa.Table] = []
    principal = gateway.policy.principal(who)

    def write(made: training.TrainingSet) -> None:
        found.append(pa.Table.from_batches(made.batches, made.schema))

    training.training_set(home, gateway, principal, chosen, labels, "at", write, **more)
    return found[0]


MINUTES = st.integers(0, 150) | st.floats(0, 150)
PAYMENTS = st.builds(
    lambda card, minute, amount, shop, late, score, status: {
        **payment(card, minute, shop=shop, late=late, score=score, status=status),
        "amount": amount,
    },
    st.integers(0, 2) | st.none(),
    MINUTES,
    st.none() | st.decimals(-50, 50, places=2),
    st.sampled_from(("a", "b", None)),
    st.sampled_from((0, 0, 3, 30)),
    st.none() | st.sampled_from((0.1, 0.25, -1e-7, 3.3333333, float("nan"))),
    st.sampled_from(("ok", "ok", "failed")),
)
LABELS = st.lists(st.tuples(st.integers(0, 3) | st.none(), MINUTES), max_size=15)


@given(st.lists(st.lists(PAYMENTS, max_size=12), min_size=1, max_size=3), LABELS, st.booleans())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_values_are_those_of_the_reference_however_events_arrived(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Any], asked: list[Any], small: bool
) -> None:
    home = build(tmp_path_factory.mktemp("home"))
    rows = [{"id": i, "card": card, "shop": "a", "at": moment(at), "fraud": 0} for i, (card, at) in enumerate(asked)]
    label(home, rows)
    with opened(home) as gateway, pytest.MonkeyPatch.context() as patch:
        if small:
            patch.setattr(fetch, "PIECE", 4)
            patch.setattr(training, "SLICE", 3)
        plan = planned(gateway)
        for commit in commits:
            pay(home, commit)
            brought(home, gateway, plan)
        found = made(home, gateway, plan).to_pylist()
    events = prepared([row for commit in commits for row in commit])
    expected = {row["id"]: naive.features(plan, events, (row["card"],), microseconds(row["at"])) for row in rows}
    assert len(found) == len(rows)
    for row in found:
        for output in plan.outputs:
            value = row[f"cards__{output.name}"]
            if output.type == "TIMESTAMP" and value is not None:
                value = microseconds(value)
            assert value == expected[row["id"]][output.name], output.name


def moment(minute: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def test_a_feature_that_equals_the_future_label_does_not_help(home: Path, gateway: Gateway) -> None:
    """The canary: each card's payments say right after the label's moment whether it was fraud."""
    coin = random.Random(7)
    truth = {card: coin.randint(0, 1) for card in range(200)}
    pay(home, [payment(card, 10.001, str(fraud), late=0) for card, fraud in truth.items()])
    pay(home, [payment(card, 5, str(coin.randint(0, 1))) for card in truth])
    label(home, [{"id": c, "card": c, "shop": "a", "at": moment(10), "fraud": fraud} for c, fraud in truth.items()])
    canary = FeatureView(
        "canary", "card", ("card",), "pay.payments", "at", (Feature("x", "last", "amount", over=("1d",)),)
    )
    plan = planned(gateway, canary)
    brought(home, gateway, plan)
    table = made(home, gateway, plan).to_pylist()
    hits = sum(row["canary__x_1d"] == row["fraud"] for row in table)
    assert 70 <= hits <= 130
    # One instant after the event the same feature is the label.
    later = "SELECT id, card, at + INTERVAL 1 SECOND AS at, fraud FROM pay.labels"
    told = made(home, gateway, plan, later).to_pylist()
    assert all(row["canary__x_1d"] == row["fraud"] for row in told)


def test_what_is_known_late_is_not_there_before(home: Path, gateway: Gateway) -> None:
    pay(home, [payment(1, 0, "5.00"), payment(1, 1, "7.00", late=30)])
    label(home, [{"id": i, "card": 1, "shop": "a", "at": moment(i), "fraud": 0} for i in (0, 1, 2, 31, 32, 59, 62)])
    plan = planned(gateway)
    brought(home, gateway, plan)
    found = {row["id"]: row["cards__spent_1h"] for row in made(home, gateway, plan).to_pylist()}
    # Each is available a minute after it was received.
    assert found == {0: None, 1: 5.0, 2: 5.0, 31: 5.0, 32: 12.0, 59: 12.0, 62: 0.0}


def test_a_set_can_be_made_again_after_the_tables_went_on(home: Path, gateway: Gateway) -> None:
    pay(home, [payment(1, 0, "5.00")])
    label(home, [{"id": 1, "card": 1, "shop": "a", "at": moment(30), "fraud": 0}])
    plan = planned(gateway)
    brought(home, gateway, plan)
    before = made(home, gateway, plan)
    pay(home, [payment(1, 2, "100.00")])
    label(home, [{"id": 2, "card": 1, "shop": "a", "at": moment(31), "fraud": 1}])
    brought(home, gateway, plan)
    assert made(home, gateway, plan).column("cards__spent_1h").to_pylist() == [105.0, 105.0]
    recipe = Recipe.parse(before.schema.metadata[b"lakewright"])
    assert recipe.tables == {"pay.labels": "1"}
    principal = gateway.policy.principal("owner")
    chosen = choice.choose({"cards": plan}, recipe.features, gateway, principal, home)
    again = collected(home, gateway, "owner", choice.again(recipe, chosen), recipe.labels, versions=recipe.tables)
    assert again.equals(before, check_metadata=True)


def test_an_ingested_event_is_there_once_and_only_new_rows_are_read(home: Path, gateway: Gateway) -> None:
    plan = planned(gateway)
    owner = gateway.policy.principal("owner")
    pay(home, [payment(1, minute) for minute in range(5)])
    assert ingest(plan, gateway, owner, home, LATER).rows == 5
    assert ingest(plan, gateway, owner, home, LATER).rows == 0
    pay(home, [payment(1, 2, status="failed"), payment(1, -500)])
    added = ingest(plan, gateway, owner, home, LATER)
    assert (added.rows, added.anew) == (1, False)
    read = [record for record in gateway.audit.tail() if record.asked == plan.select]
    assert (read[-1].versions, read[-1].rows) == ({"pay.payments": "1..2"}, 1)


def test_rows_that_were_changed_are_read_anew(home: Path, gateway: Gateway) -> None:
    from data import lake
    from tests.data.features.conftest import PAYMENTS as SCHEMA

    plan = planned(gateway)
    owner = gateway.policy.principal("owner")
    pay(home, [payment(1, 1, "5.00"), payment(1, 2, "5.00")])
    ingest(plan, gateway, owner, home, LATER)
    lake.overwrite(home / "lake/pay/payments", pa.Table.from_pylist([payment(1, 1, "9.00")], schema=SCHEMA))
    assert ingest(plan, gateway, owner, home, LATER).anew
    label(home, [{"id": 1, "card": 1, "shop": "a", "at": moment(30), "fraud": 0}])
    assert made(home, gateway, plan).column("cards__spent_1h").to_pylist() == [9.0]


def test_joining_small_files_adds_nothing(home: Path, gateway: Gateway) -> None:
    from data import lake

    plan = planned(gateway)
    owner = gateway.policy.principal("owner")
    pay(home, [payment(1, 1)])
    pay(home, [payment(1, 2)])
    ingest(plan, gateway, owner, home, LATER)
    lake.compact(home / "lake/pay/payments")
    pay(home, [payment(1, 3)])
    added = ingest(plan, gateway, owner, home, LATER)
    assert (added.rows, added.anew) == (1, False)


def test_a_history_that_moved_on_is_not_written_to(home: Path, gateway: Gateway) -> None:
    from data.errors import Busy

    plan = planned(gateway)
    pay(home, [payment(1, 1)])
    brought(home, gateway, plan)
    history = History.of(plan, home)
    before = history.position()
    pay(home, [payment(1, 2)])
    brought(home, gateway, plan)
    rows = pa.table({name: pa.array([], pa.int64()) for name in plan.names})
    with pytest.raises(Busy):
        history.write(rows.to_reader(), 99, after=before)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("SELECT id, card FROM pay.labels", "no moment 'at'"),
        ("SELECT id, at FROM pay.labels", "no column 'card'"),
        ("SELECT id, card, fraud AS at FROM pay.labels", "no moment 'at'"),
    ],
)
def test_labels_without_keys_or_moment_are_refused(home: Path, gateway: Gateway, labels: str, said: str) -> None:
    plan = planned(gateway)
    brought(home, gateway, plan)
    with pytest.raises(Invalid, match=said):
        made(home, gateway, plan, labels)


def test_labels_are_read_with_the_callers_rights_and_features_need_all_their_columns(
    home: Path, gateway: Gateway
) -> None:
    plan = planned(gateway)
    brought(home, gateway, plan)
    label(home, [{"id": 1, "card": 1, "shop": "a", "at": moment(30), "fraud": 0}])
    assert made(home, gateway, plan, who="all").num_rows == 1
    seen = made(home, gateway, plan, who="narrow").schema.names
    assert "cards__spent_1h" in seen
    assert not {"cards__shops_1h", "cards__risk_1h"} & set(seen)
    with pytest.raises(Forbidden, match=r"cards\.shops_1h"):
        made(home, gateway, plan, who="narrow", only=("cards.shops_1h",))
    masked = made(home, gateway, plan, who="masked").schema.names
    assert "cards__payments_1h" in masked
    assert "cards__spent_1h" not in masked
    for who in ("filtered", "nobody"):
        with pytest.raises(NotFound, match="no feature view 'cards' that you may see"):
            made(home, gateway, plan, who=who, only=("cards",))
    with pytest.raises(Forbidden):
        made(home, gateway, plan, "SELECT shop, card, at FROM pay.payments", who="narrow")
