"""The merchants' features for marketing: what they know at the moment of an offer, and who may see them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import DataError
from data.features.platform import Features
from data.federation import open_gateway

VIEWS = ("merchant_trade", "merchant_offers", "merchant_acceptances", "merchant_standing")
OFFERS = "SELECT offer_id, merchant_id, product, offered_at AS at FROM growth.offers"


@pytest.fixture(scope="module")
def features(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Features]:
    home = tmp_path_factory.mktemp("growth") / "home"
    home.mkdir(mode=0o700)
    for name in ("catalog.yaml", "policy.yaml"):
        shutil.copyfile(demo_home / name, home / name)
    for name in ("lake/square", "lake/growth", "features"):
        shutil.copytree(demo_home / name, home / name)
    gateway = open_gateway(home)
    opened = Features(home, gateway)
    opened.apply()
    owner = gateway.policy.principal("owner")
    for _ in opened.materialize(owner, VIEWS, datetime(2026, 1, 1), lambda _: None, values=False):
        pass
    yield opened
    opened.close()
    gateway.close()


@pytest.fixture(scope="module")
def known(features: Features, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """Every offer with the features of its moment, as the growth team gets them."""
    out = tmp_path_factory.mktemp("sets") / "offers.parquet"
    analyst = features.gateway.policy.principal("growth-analyst")
    features.training_set(analyst, OFFERS, "at", VIEWS, str(out))
    return pq.read_table(out)


def differing(known: pa.Table, tables: dict[str, pa.Table], column: str, expected: str) -> int:
    """How many of the offers have another value than that of an SQL expression over `k`, the offer."""
    with duckdb.connect() as work:
        work.register("known", known)
        for name, rows in tables.items():
            work.register(name.replace(".", "_"), rows)
        sql = f"SELECT count(*) FROM known k WHERE coalesce({column}, 0) IS DISTINCT FROM coalesce(({expected}), 0)"
        return int(work.execute(sql).fetchall()[0][0])


ACCEPTED = """SELECT count(*) FROM growth_offers o WHERE o.merchant_id = k.merchant_id AND o.accepted_at <= k.at
    AND o.accepted_at > k.at - INTERVAL 90 DAY"""


def test_an_acceptance_is_known_from_its_own_moment_on(known: pa.Table, tables: dict[str, pa.Table]) -> None:
    assert differing(known, tables, "merchant_acceptances__accepted_90d", ACCEPTED) == 0
    earlier = ACCEPTED.replace("o.accepted_at <= k.at", "o.offered_at < k.at")
    assert differing(known, tables, "merchant_acceptances__accepted_90d", earlier) > 0, "both rules give the same"


def test_a_product_that_was_taken_later_is_not_known(known: pa.Table, tables: dict[str, pa.Table]) -> None:
    """Nobody takes a product twice: where one is known to be taken, this offer of it was declined."""
    with duckdb.connect() as work:
        work.register("known", known)
        work.register("offers", tables["growth.offers"])
        sql = """SELECT count(*) FILTER (accepted_at IS NOT NULL), count(*)
            FROM known JOIN offers USING (offer_id) WHERE known.product = 'loyalty'
            AND merchant_acceptances__loyalty_730d > 0"""
        assert (found := work.execute(sql).fetchall()[0])[0] == 0
        assert found[1] > 0


def test_an_offer_does_not_count_itself(known: pa.Table, tables: dict[str, pa.Table]) -> None:
    shown = """SELECT count(*) FROM growth_offers o WHERE o.merchant_id = k.merchant_id
        AND o.offered_at <= k.at - INTERVAL 1 HOUR AND o.offered_at > k.at - INTERVAL 30 DAY"""
    assert differing(known, tables, "merchant_offers__shown_30d", shown) == 0


def test_a_card_comes_back_only_after_it_was_known(known: pa.Table, tables: dict[str, pa.Table]) -> None:
    returning = """SELECT count(*) FROM (
        SELECT *, row_number() OVER (PARTITION BY merchant_id, card_id ORDER BY received_at, payment_id) AS n
        FROM square_payments p WHERE status = 'captured' AND card_id IS NOT NULL AND received_at <= k.at
        AND merchant_id = k.merchant_id) WHERE n > 1 AND created_at > k.at - INTERVAL 90 DAY"""
    assert differing(known, tables, "merchant_trade__returning_90d", returning) == 0


def test_the_age_of_an_account_counts_from_its_beginning(known: pa.Table, tables: dict[str, pa.Table]) -> None:
    age = """SELECT date_diff('microsecond', m.signed_up_at, k.at) / 1e6
        FROM square_merchants m WHERE m.merchant_id = k.merchant_id"""
    assert differing(known, tables, "merchant_standing__joined_3650d", age) == 0


@pytest.mark.parametrize("name", ["square-analyst", "cash-analyst", "support-ca"])
def test_others_see_no_offers(features: Features, name: str) -> None:
    principal = features.gateway.policy.principal(name)
    with pytest.raises(DataError):
        features.gateway.query(principal, "SELECT * FROM growth.offers")
    assert "merchant_offers" not in {plan.view.name for plan, _ in features.visible(principal)}
    assert "merchant_acceptances" not in {plan.view.name for plan, _ in features.visible(principal)}
