"""A carrier's warehouse: dim_/fct_/brg_ tables joined by surrogate keys, no foreign keys, units in the names."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE dim_depot (depot_sk INTEGER PRIMARY KEY, depot_cd TEXT, city_nm TEXT, country_iso2 TEXT, dock_cnt INTEGER,
    hub_depot_sk INTEGER);
CREATE TABLE dim_client (client_sk INTEGER PRIMARY KEY, client_nm TEXT, segment_cd TEXT, onboarded_dt DATE,
    churned_dt DATE, credit_limit_eur REAL);
CREATE TABLE dim_vehicle (vehicle_sk INTEGER PRIMARY KEY, plate_no TEXT, vehicle_type TEXT, capacity_kg INTEGER,
    fuel_type TEXT, built_yr INTEGER, home_depot_sk INTEGER);
CREATE TABLE dim_driver (driver_sk INTEGER PRIMARY KEY, driver_nm TEXT, licence_class TEXT, hired_dt DATE,
    home_depot_sk INTEGER, is_active INTEGER);
CREATE TABLE brg_driver_vehicle (driver_sk INTEGER, vehicle_sk INTEGER, from_dt DATE, to_dt DATE);
CREATE TABLE fct_shipment (shipment_sk INTEGER PRIMARY KEY, client_sk INTEGER, orig_depot_sk INTEGER,
    dest_depot_sk INTEGER, driver_sk INTEGER, vehicle_sk INTEGER, booked_ts TIMESTAMP, pickup_ts TIMESTAMP,
    delivered_ts TIMESTAMP, promised_ts TIMESTAMP, gross_wt_kg REAL, dist_km INTEGER, freight_cents INTEGER,
    shp_status TEXT, cancel_rsn TEXT);
CREATE TABLE fct_incident (incident_sk INTEGER PRIMARY KEY, shipment_sk INTEGER, incident_type TEXT,
    reported_ts TIMESTAMP,
    delay_min INTEGER, cost_cents INTEGER);
CREATE TABLE fct_fuel_stop (fuel_stop_sk INTEGER PRIMARY KEY, vehicle_sk INTEGER, fuelled_ts TIMESTAMP, litres REAL,
    paid_cents INTEGER, odometer_km INTEGER);
"""

DEPOTS = [
    (1, "ROT", "Rotterdam", "NL", 40, None), (2, "HAM", "Hamburg", "DE", 32, None), (3, "LYS", "Lyon", "FR", 26, None),
    (4, "UTR", "Utrecht", "NL", 12, 1), (5, "ANR", "Antwerp", "BE", 18, 1), (6, "BER", "Berlin", "DE", 16, 2),
    (7, "DTM", "Dortmund", "DE", 14, 2), (8, "MRS", "Marseille", "FR", 11, 3), (9, "GVA", "Geneva", "CH", 7, 3),
    (10, "LUX", "Luxembourg", "LU", 5, 1),
]  # fmt: skip
CLIENTS = (
    "Alder Foods", "Baltic Timber", "Cobalt Toys", "Dune Cosmetics", "Everest Outdoor", "Fjord Fish", "Garnet Glass",
    "Helio Solar", "Iris Pharma", "Juniper Drinks", "Kite Bicycles", "Larch Furniture", "Mosaic Tiles",
    "Nimbus Textiles",
    "Opal Optics", "Pine Paper", "Quartz Watches", "Rowan Books", "Sable Shoes", "Tundra Tools", "Umbra Lamps",
    "Velvet Sofas", "Willow Baskets", "Xenon Electronics", "Yarrow Herbs", "Zephyr Sails",
)  # fmt: skip
REASONS = ("client request", "no vehicle", "bad weather")


def rows(random: Random) -> Rows:
    clients = [_client(random, number, name) for number, name in enumerate(CLIENTS, 1)]
    vehicles = [_vehicle(random, number) for number in range(1, 61)]
    drivers = [_driver(random, number, name) for number, name in enumerate(people(random, 54), 1)]
    shipments = [_shipment(random, number, drivers) for number in range(1, 2401)]
    done = [shipment[0] for shipment in shipments if shipment[13] == "DLV"]
    incidents = [_incident(random, number, shipments[int(str(random.choice(done))) - 1]) for number in range(1, 261)]
    return {
        "dim_depot": DEPOTS, "dim_client": clients, "dim_vehicle": vehicles, "dim_driver": drivers,
        "brg_driver_vehicle": [_pairing(random, number % 54 + 1) for number in range(110)],
        "fct_shipment": shipments, "fct_incident": incidents, "fct_fuel_stop": _fuel(random, vehicles[:57]),
    }  # fmt: skip


def _client(random: Random, number: int, name: str) -> tuple[object, ...]:
    since = datetime(2016, 1, 1) + timedelta(days=number * 101)
    gone = datetime(2024, 6, 1) + timedelta(days=random.randint(0, 200)) if number in (4, 9, 17, 22) else None
    limit = None if number % 9 == 0 else random.choice((5_000.0, 20_000.0, 50_000.0))
    return (
        number,
        name,
        random.choice(("SME", "SME", "ENT", "RTL")),
        f"{since:%Y-%m-%d}",
        gone and f"{gone:%Y-%m-%d}",
        limit,
    )


def _vehicle(random: Random, number: int) -> tuple[object, ...]:
    kind, capacity = random.choice((("van", 1_200), ("van", 1_200), ("box truck", 7_500), ("semi-trailer", 24_000)))
    fuel = (
        random.choice(("diesel", "diesel", "electric")) if kind == "van" else random.choice(("diesel", "diesel", "LNG"))
    )
    plate = f"LW-{random.choice('ABCDEF')}{number:02}{random.randint(10, 99)}"
    return number, plate, kind, capacity, fuel, random.randint(2011, 2024), random.randint(1, 9)


def _driver(random: Random, number: int, name: str) -> tuple[object, ...]:
    hired = datetime(2012, 1, 1) + timedelta(days=random.randint(0, 4500))
    return (
        number,
        name,
        random.choice(("B", "C", "CE")),
        f"{hired:%Y-%m-%d}",
        random.randint(1, 9),
        int(random.random() < 0.85),
    )


def _pairing(random: Random, driver: int) -> tuple[object, ...]:
    start = datetime(2023, 1, 1) + timedelta(days=random.randint(0, 600))
    end = None if random.random() < 0.3 else start + timedelta(days=random.randint(10, 300))
    return driver, random.randint(1, 58), f"{start:%Y-%m-%d}", end and f"{end:%Y-%m-%d}"


def _shipment(random: Random, number: int, drivers: list[tuple[object, ...]]) -> tuple[object, ...]:
    client = int(random.random() ** 1.4 * 25) + 1
    origin, target = random.sample(range(1, 10), 2)
    booked = datetime(2023, 1, 1) + timedelta(minutes=number * 438 + random.randint(0, 400))
    pickup = booked + timedelta(hours=random.randint(4, 60))
    promised = pickup + timedelta(hours=random.choice((24, 36, 48)))
    delivered = promised + timedelta(minutes=int(random.gauss(-180, 260)))
    state = "TRN" if number > 2370 else random.choices(("DLV", "CNC", "LST"), (93, 6, 1))[0]
    distance, weight = random.randint(60, 1350), round(random.lognormvariate(6.2, 1.0), 1)
    crew = (None, None) if state == "CNC" else (random.choice(drivers[:52])[0], random.randint(1, 56))
    times = [booked, None if state == "CNC" else pickup, delivered if state == "DLV" else None, promised]
    stamps = [time and f"{time:%Y-%m-%d %H:%M:%S}" for time in times]
    freight = int(1_900 + distance * 9.5 + weight * 4 + random.randint(0, 3_000))
    return (
        number, client, origin, target, *crew, *stamps, weight, distance, freight, state,
        random.choice(REASONS) if state == "CNC" else None,
    )  # fmt: skip


def _incident(random: Random, number: int, shipment: tuple[object, ...]) -> tuple[object, ...]:
    kind = random.choices(
        ("breakdown", "accident", "damaged goods", "traffic jam", "customs hold"), (20, 6, 18, 40, 16)
    )[0]
    at = datetime.fromisoformat(str(shipment[7])) + timedelta(minutes=random.randint(20, 900))
    cost = None if kind == "traffic jam" else random.randint(2_000, 480_000)
    return number, shipment[0], kind, f"{at:%Y-%m-%d %H:%M:%S}", random.randint(5, 420), cost


def _fuel(random: Random, vehicles: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    burning = [vehicle for vehicle in vehicles if vehicle[4] != "electric"]
    stops: list[tuple[object, ...]] = []
    for number in range(1, 901):
        at = datetime(2024, 1, 1) + timedelta(minutes=number * 580 + random.randint(0, 300))
        vehicle, litres = random.choice(burning), round(random.uniform(25, 410), 1)
        paid = int(litres * random.randint(148, 189))
        stops.append((number, vehicle[0], f"{at:%Y-%m-%d %H:%M:%S}", litres, paid, 40_000 + number * 61))
    return stops


LOGISTICS = Stranger("logistics", DDL, rows, seed=43)
