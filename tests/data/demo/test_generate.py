"""The rows: shapes, keys, values, and the same rows every time."""

import hashlib
from collections.abc import Mapping

import duckdb
import pyarrow as pa
import pytest

from data.catalog import Catalog, Relationship, Table
from data.demo import generate
from data.demo.schema import CATALOG, arrow_schema
from data.demo.world import SIZES

DECLARED = Catalog.load(CATALOG)
TABLES = [table.full_name for table in DECLARED.tables]


def digest(rows: pa.Table) -> str:
    """A hash of the rows, sorted by the first column: the key."""
    ordered = rows.sort_by(rows.column_names[0]).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, ordered.schema) as writer:
        writer.write_table(ordered)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def one(tables: Mapping[str, pa.Table], sql: str) -> tuple[object, ...]:
    """The only row of a query in which `source.table` is written source_table."""
    with duckdb.connect() as connection:
        for name, rows in tables.items():
            connection.register(name.replace(".", "_"), rows)
        (row,) = connection.execute(sql).fetchall()
    return tuple(row)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_exactly_the_declared_columns(tables: dict[str, pa.Table], catalog: Catalog, name: str) -> None:
    assert tables[name].schema == arrow_schema(catalog.table(name))


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_unique_and_present(tables: dict[str, pa.Table], catalog: Catalog, name: str) -> None:
    key = catalog.table(name).key
    query = f"SELECT count(*) = count(DISTINCT {key}), min({key}) FROM {name.replace('.', '_')}"
    assert one(tables, query) == (True, 1)


@pytest.mark.parametrize("link", DECLARED.relationships, ids=lambda link: f"{link.table}.{link.column}")
def test_every_reference_finds_its_row(tables: dict[str, pa.Table], link: Relationship) -> None:
    source, target = link.table.replace(".", "_"), link.to_table.replace(".", "_")
    orphans = f"""SELECT count({link.column}) > 0, count({link.column}) FILTER (
        {link.column} NOT IN (SELECT {link.to_column} FROM {target})) FROM {source}"""
    assert one(tables, orphans) == (True, 0)


def test_the_same_seed_makes_the_same_rows(tables: dict[str, pa.Table], catalog: Catalog) -> None:
    again = generate.tables(generate.generate(0.01, 7), catalog)
    assert {t.full_name: digest(rows) for t, rows in again.items()} == {n: digest(r) for n, r in tables.items()}


def test_another_seed_makes_other_rows(tables: dict[str, pa.Table], catalog: Catalog) -> None:
    other = generate.tables(generate.generate(0.01, 8), catalog)
    assert all(digest(rows) != digest(tables[table.full_name]) for table, rows in other.items())


def test_the_size_of_one_table_does_not_change_another(
    tables: dict[str, pa.Table], catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SIZES, "tidal.artists", (1_000, 90))
    changed = {t.full_name: rows for t, rows in generate.tables(generate.generate(0.01, 7), catalog).items()}
    same = [name for name in TABLES if digest(changed[name]) == digest(tables[name])]
    assert set(TABLES) - set(same) == {"tidal.artists", "tidal.tracks", "tidal.plays"}


@pytest.mark.parametrize(
    ("name", "least"),
    [("cash.users", 200), ("square.merchants", 60), ("tidal.artists", 40), ("tidal.tracks", 200),
     ("tidal.subscriptions", 200), ("tbd.wallets", 200), ("square.payments", 3000), ("cash.transfers", 2000),
     ("tidal.plays", 3000), ("tbd.swaps", 2000), ("square.refunds", 200), ("square.disputes", 200),
     ("growth.offers", 1000)],
)  # fmt: skip
def test_no_table_collapses_at_a_tiny_scale(catalog: Catalog, name: str, least: int) -> None:
    tiny = generate.tables(generate.generate(1e-6, 3), catalog)
    assert tiny[catalog.table(name)].num_rows >= least


def test_the_scale_grows_the_tables(tables: dict[str, pa.Table], catalog: Catalog) -> None:
    larger = {t.full_name: rows.num_rows for t, rows in generate.tables(generate.generate(0.1, 7), catalog).items()}
    assert all(larger[name] > tables[name].num_rows for name in TABLES)
    assert 90_000 < sum(larger.values()) < 110_000


@pytest.mark.parametrize("seed", range(12))
def test_any_seed_works(catalog: Catalog, seed: int) -> None:
    world = generate.generate(0.01, seed)
    assert set(generate.truth(world)) == {"fraud_payments", "fraud_rings", "churning_merchants"}
    assert all(rows.num_rows for rows in generate.tables(world, catalog).values())


VALUES = [
    ("square.merchants", "category", "restaurant cafe retail grocery beauty fitness repair travel"),
    ("square.merchants", "status", "active paused closed"),
    ("square.merchants", "country", "US CA GB AU FR JP"),
    ("square.payments", "method", "chip tap swipe online"),
    ("square.payments", "status", "captured failed pending"),
    ("square.payments", "currency", "USD CAD GBP AUD EUR JPY"),
    ("square.refunds", "reason", "damaged late wrong_item cancelled duplicate other"),
    ("square.disputes", "reason", "fraud not_received not_as_described duplicate unrecognised"),
    ("square.disputes", "status", "open won lost"),
    ("cash.users", "country", "US CA GB AU FR JP"),
    ("cash.cards", "network", "visa mastercard amex discover"),
    ("cash.cards", "status", "active blocked expired"),
    ("cash.devices", "platform", "ios android web"),
    ("cash.transfers", "status", "completed reversed failed"),
    ("tidal.artists", "genre", "pop rock hip-hop jazz electronic classical folk latin"),
    ("tidal.plays", "platform", "ios android web car speaker"),
    ("tidal.subscriptions", "plan", "free student individual family hifi"),
    ("tidal.subscriptions", "status", "active cancelled paused"),
    ("tbd.wallets", "kind", "custodial self-custody"),
    ("tbd.swaps", "from_coin", "BTC ETH SOL USDC USDT DOGE ADA"),
    ("tbd.swaps", "to_coin", "BTC ETH SOL USDC USDT DOGE ADA"),
    ("tbd.swaps", "status", "settled failed pending"),
    ("growth.offers", "product", "loan payroll loyalty invoicing instant_payout gift_card"),
    ("growth.offers", "channel", "dashboard newsletter adviser"),
]


@pytest.mark.parametrize(("name", "column", "values"), VALUES)
def test_a_category_has_all_its_values_and_no_other(
    tables: dict[str, pa.Table], name: str, column: str, values: str
) -> None:
    expected = {value.replace("_", " ") for value in values.split()}
    assert set(tables[name][column].to_pylist()) == expected


@pytest.mark.parametrize(
    ("name", "column", "low", "high"),
    [("square.payments", "card_id", 0.3, 0.6), ("square.payments", "tip", 0.5, 0.9),
     ("square.merchants", "owner_user_id", 0.2, 0.5), ("square.merchants", "phone", 0.02, 0.25),
     ("cash.users", "phone", 0.02, 0.15), ("cash.transfers", "device_id", 0.1, 0.4),
     ("cash.transfers", "note", 0.3, 0.55), ("tidal.subscriptions", "ended_at", 0.4, 0.8),
     ("cash.users", "email", 0, 0), ("square.payments", "amount", 0, 0), ("tbd.swaps", "fee_usd", 0, 0),
     ("growth.offers", "accepted_at", 0.8, 0.95), ("growth.offers", "propensity", 0, 0)],
)  # fmt: skip
def test_values_are_missing_where_they_may_be(
    tables: dict[str, pa.Table], name: str, column: str, low: float, high: float
) -> None:
    assert low <= tables[name][column].null_count / tables[name].num_rows <= high


@pytest.mark.parametrize("table", DECLARED.tables, ids=lambda table: table.full_name)
def test_all_events_lie_in_the_two_years(tables: dict[str, pa.Table], table: Table) -> None:
    times = [column.name for column in table.columns if column.type == "TIMESTAMP"]
    for name in times:
        span = f"min(year({name})) >= 2024, max(year({name})) <= 2025"
        assert one(tables, f"SELECT {span} FROM {table.source}_{table.name}") == (True, True)


TRUE_OF_ALL_ROWS = {
    "received after made": "SELECT bool_and(received_at >= created_at) FROM square_payments",
    "refund after payment": """SELECT bool_and(r.created_at > p.created_at
        AND r.amount BETWEEN 0.01 AND p.amount AND p.status = 'captured')
        FROM square_refunds r JOIN square_payments p USING (payment_id)""",
    "dispute after payment": """SELECT bool_and(d.opened_at > p.created_at AND d.amount <= p.amount)
        FROM square_disputes d JOIN square_payments p USING (payment_id)""",
    "payment after joining": """SELECT bool_and(p.created_at >= m.signed_up_at)
        FROM square_payments p JOIN square_merchants m USING (merchant_id)""",
    "card before payment": """SELECT bool_and(c.issued_at <= p.created_at)
        FROM square_payments p JOIN cash_cards c USING (card_id)""",
    "card after joining": """SELECT bool_and(c.issued_at >= u.created_at)
        FROM cash_cards c JOIN cash_users u USING (user_id)""",
    "both have joined": """SELECT bool_and(t.created_at >= s.created_at AND t.created_at >= r.created_at
        AND s.user_id <> r.user_id) FROM cash_transfers t
        JOIN cash_users s ON s.user_id = sender_id JOIN cash_users r ON r.user_id = receiver_id""",
    "device before transfer": """SELECT bool_and(d.first_seen_at <= t.created_at)
        FROM cash_transfers t JOIN cash_devices d USING (device_id)""",
    "the track's artist": """SELECT bool_and(p.artist_id = t.artist_id AND seconds_played <= duration_seconds)
        FROM tidal_plays p JOIN tidal_tracks t USING (track_id)""",
    "played after release": """SELECT bool_and(played_at >= released_on OR year(played_at) < 2024)
        FROM tidal_plays JOIN tidal_tracks USING (track_id)""",
    "cancelled means ended": """SELECT bool_and((status = 'cancelled') = (ended_at IS NOT NULL)
        AND coalesce(ended_at > started_at, true)) FROM tidal_subscriptions""",
    "a plan has one price": """SELECT bool_and(price = CASE plan WHEN 'free' THEN 0 WHEN 'student' THEN 5.99
        WHEN 'individual' THEN 10.99 WHEN 'family' THEN 16.99 WHEN 'hifi' THEN 19.99 END)
        FROM tidal_subscriptions""",
    "two different coins": "SELECT bool_and(from_coin <> to_coin AND fee_usd < amount_usd) FROM tbd_swaps",
    "swap after wallet": """SELECT bool_and(s.created_at >= w.created_at)
        FROM tbd_swaps s JOIN tbd_wallets w USING (wallet_id)""",
    "offered while trading": """SELECT bool_and(o.offered_at > m.signed_up_at)
        FROM growth_offers o JOIN square_merchants m USING (merchant_id)""",
    "accepted within 30 days": """SELECT bool_and(accepted_at > offered_at
        AND accepted_at < offered_at + INTERVAL 30 DAY) FROM growth_offers WHERE accepted_at IS NOT NULL""",
    "nobody takes a product twice": """SELECT count(*) = count(DISTINCT (merchant_id, product))
        FROM growth_offers WHERE accepted_at IS NOT NULL""",
    "dollars are dollars": """SELECT bool_and(amount = local_amount)
        FROM square_payments WHERE currency = 'USD'""",
    "yen have no cents": """SELECT bool_and(local_amount = round(local_amount))
        FROM square_payments WHERE currency = 'JPY'""",
    "the card's currency": """SELECT bool_and(currency = CASE country WHEN 'US' THEN 'USD'
        WHEN 'CA' THEN 'CAD' WHEN 'GB' THEN 'GBP' WHEN 'AU' THEN 'AUD'
        WHEN 'FR' THEN 'EUR' WHEN 'JP' THEN 'JPY' END)
        FROM square_payments JOIN cash_cards USING (card_id) JOIN cash_users USING (user_id)""",
    "unreal addresses": r"""SELECT bool_and(regexp_full_match(email, '[a-z0-9.]+@example\.(com|org|net)')
        AND coalesce(regexp_full_match(phone, '\+[0-9 ]+') AND phone LIKE '%55%', true)) FROM cash_users""",
    "e-mails are distinct": "SELECT count(DISTINCT email) = count(*) FROM cash_users",
    "shop names are distinct": "SELECT count(DISTINCT name) = count(*) FROM square_merchants",
    "stage names are distinct": "SELECT count(DISTINCT name) = count(*) FROM tidal_artists",
    "one Nova": "SELECT count(*) = 1 FROM tidal_artists WHERE contains(name, 'Nova')",
    "names with accents": "SELECT count(*) > 20 FROM cash_users WHERE strip_accents(name) <> name",
}


@pytest.mark.parametrize("query", TRUE_OF_ALL_ROWS.values(), ids=TRUE_OF_ALL_ROWS.keys())
def test_the_rows_make_sense(tables: dict[str, pa.Table], query: str) -> None:
    assert one(tables, query) == (True,)


SHAPES = {
    "amounts have a heavy tail": """SELECT avg(amount) > 1.5 * median(amount)
        AND max(amount) > 30 * median(amount) FROM square_payments""",
    "swaps have a heavier one": "SELECT avg(amount_usd) > 2.5 * median(amount_usd) FROM tbd_swaps",
    "few merchants take most": """SELECT sum(n) FILTER (rank <= 16) > 0.5 * sum(n) FROM (
        SELECT count(*) n, row_number() OVER (ORDER BY count(*) DESC) AS rank
        FROM square_payments GROUP BY merchant_id)""",
    "few artists are played most": """SELECT sum(n) FILTER (rank <= 12) > 0.5 * sum(n) FROM (
        SELECT count(*) n, row_number() OVER (ORDER BY count(*) DESC) AS rank
        FROM tidal_plays GROUP BY artist_id)""",
    "Nova is popular": """SELECT count(*) BETWEEN 200 AND 1000
        FROM tidal_plays JOIN tidal_artists USING (artist_id) WHERE name = 'Nova'""",
    "Saturdays beat Mondays": """SELECT count(*) FILTER (isodow(created_at) = 6)
        > 1.3 * count(*) FILTER (isodow(created_at) = 1) FROM square_payments""",
    "Decembers beat Januaries": """SELECT count(*) FILTER (month(created_at) = 12 AND year(created_at) = 2024)
        > 1.3 * count(*) FILTER (month(created_at) = 1 AND year(created_at) = 2025) FROM square_payments""",
    "business grows": """SELECT count(*) FILTER (year(created_at) = 2025)
        > 1.5 * count(*) FILTER (year(created_at) = 2024) FROM square_payments""",
    "cafes are busy in the morning": """SELECT count(*) FILTER (hour(created_at) < 11)
        > 0.4 * count(*) FROM square_payments
        JOIN square_merchants USING (merchant_id) WHERE category = 'cafe'""",
    "some payments come late": """SELECT
        avg((received_at > created_at + INTERVAL 1 MINUTE)::INT) BETWEEN 0.02 AND 0.1
        AND max(received_at - created_at) > INTERVAL 2 DAY FROM square_payments""",
    "money goes back and forth": """SELECT count(DISTINCT (sender_id, receiver_id)) < 0.8 * count(*)
        FROM cash_transfers""",
    "businesses share users": """SELECT count(*) > 50 FROM cash_users
        WHERE user_id IN (SELECT user_id FROM tidal_plays)
        AND user_id IN (SELECT user_id FROM tbd_wallets)
        AND user_id IN (SELECT user_id FROM cash_cards)""",
}  # fmt: skip


@pytest.mark.parametrize("query", SHAPES.values(), ids=SHAPES.keys())
def test_the_distributions_are_like_real_ones(tables: dict[str, pa.Table], query: str) -> None:
    assert one(tables, query) == (True,)
