"""A grid operator: lowerCamelCase with German remnants and umlauts, kWh, cents and minutes, some keys declared."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import person
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE customer (kundenNr INTEGER PRIMARY KEY, fullName TEXT, straße TEXT, ort TEXT, plz TEXT, customerKind TEXT,
    customerSince DATE);
CREATE TABLE netzgebiet (gebietId INTEGER PRIMARY KEY, gebietName TEXT, parentGebietId INTEGER);
CREATE TABLE meter (zählerNr TEXT PRIMARY KEY, kundenNr INTEGER REFERENCES customer (kundenNr),
    gebietId INTEGER REFERENCES netzgebiet (gebietId), deviceKind TEXT, installedOn DATE, removedOn DATE,
    maxLoadKw REAL);
CREATE TABLE meterReading (readingId INTEGER PRIMARY KEY, zählerNr TEXT REFERENCES meter (zählerNr), readOn DATE,
    consumptionKWh REAL, readingSource TEXT);
CREATE TABLE tariff (tariffId INTEGER PRIMARY KEY, tariffName TEXT, energyPriceCt REAL, basePriceEur REAL,
    isGreen INTEGER,
    validUntil DATE);
CREATE TABLE contract (contractNr TEXT PRIMARY KEY, kundenNr INTEGER, tariffId INTEGER, startsOn DATE, endsOn DATE,
    terminationReason TEXT);
CREATE TABLE störung (störungId INTEGER PRIMARY KEY, gebietId INTEGER, startedAt TIMESTAMP, restoredAt TIMESTAMP,
    cause TEXT, affectedCustomers INTEGER, durationMin INTEGER);
CREATE TABLE powerPlant (plantId INTEGER PRIMARY KEY, plantName TEXT, energySource TEXT, capacityMw REAL,
    gebietId INTEGER, commissionedOn DATE, decommissionedOn DATE);
CREATE TABLE generation (plantId INTEGER REFERENCES powerPlant (plantId), genMonth DATE, outputMWh REAL,
    curtailedMWh REAL, PRIMARY KEY (plantId, genMonth));
"""

AREAS = [
    (1, "Nord", None), (2, "Süd", None), (3, "Küste", 1), (4, "Lüneburg", 1), (5, "Altstadt", 2), (6, "Grünwald", 2),
    (7, "Hafen", 3), (8, "Industriepark", 2), (9, "Mooswiesen", 4),
]  # fmt: skip
TARIFFS = [
    (1, "Basis", 34.2, 9.9, 0, None), (2, "Öko Plus", 36.9, 10.9, 1, None),
    (3, "Nachtstrom", 27.5, 12.5, 0, "2023-12-31"),
    (4, "Gewerbe Fix", 29.8, 24.0, 0, None), (5, "Wärmepumpe", 25.4, 11.5, 1, None),
    (6, "Solar Bonus", 31.0, 8.5, 1, None),
    (7, "Dynamisch", 22.9, 14.9, 1, None),
]  # fmt: skip
PLANTS = [
    ("Windpark Küste I", "wind", 48.0, 3, "2009-05-01", None),
    ("Windpark Küste II", "wind", 64.0, 3, "2018-09-15", None),
    ("Windpark Heide", "wind", 22.5, 4, "2005-04-01", "2024-06-30"),
    ("Solarfeld Grünwald", "solar", 18.0, 6, "2016-07-01", None),
    ("Solarfeld Hafen", "solar", 7.5, 7, "2021-03-20", None),
    ("Solardach Industriepark", "solar", 3.2, 8, "2022-11-01", None),
    ("Gasturbine Süd", "gas", 120.0, 2, "1998-01-01", None),
    ("Gaskraftwerk Nord", "gas", 90.0, 1, "1994-10-01", "2023-03-31"),
    ("Wasserkraft Mühle", "hydro", 4.4, 4, "1961-06-01", None),
    ("Biogas Mooswiesen", "biomass", 2.1, 9, "2013-08-01", None),
    ("Offshore Nebel", "wind", 210.0, 3, "2025-09-01", None),
]  # fmt: skip
TOWNS = (("Tönning", "25832"), ("Lüneburg", "21335"), ("Würzburg", "97070"), ("Grünwald", "82031"), ("Jena", "07743"))
STREETS = ("Lindenstraße", "Bahnhofstraße", "Am Mühlbach", "Schillerweg", "Königsallee")
CAUSES = ("storm", "excavator damage", "overload", "device fault", "animal", None)


def rows(random: Random) -> Rows:
    customers = [_customer(random, number) for number in range(1001, 1451)]
    meters = [_meter(random, number, customers[:430]) for number in range(1, 481)]
    readings = [reading for meter in meters[:-6] for reading in _readings(random, meter)]
    kept = sorted(random.sample(readings, 2950), key=lambda reading: str(reading[1]))
    plants = [(number, *plant) for number, plant in enumerate(PLANTS, 1)]
    return {
        "customer": customers, "netzgebiet": AREAS, "meter": meters, "tariff": TARIFFS, "powerPlant": plants,
        "meterReading": [(number, *reading) for number, reading in enumerate(kept, 1)],
        "contract": [_contract(random, number, customers) for number in range(1, 621)],
        "störung": [_outage(random, number) for number in range(1, 211)],
        "generation": [line for plant in plants for line in _generation(random, plant)],
    }  # fmt: skip


def _customer(random: Random, number: int) -> tuple[object, ...]:
    kind = "gewerbe" if random.random() < 0.18 else "privat"
    since = day(random, date(2001, 1, 1), date(2024, 9, 30)).isoformat()
    street = f"{random.choice(STREETS)} {random.randint(1, 120)}"
    return number, person(random), street, *random.choices(TOWNS, (30, 25, 20, 15, 10))[0], kind, since


def _meter(random: Random, number: int, customers: list[tuple[object, ...]]) -> tuple[object, ...]:
    installed = day(random, date(2003, 1, 1), date(2023, 12, 31))
    removed = day(random, date(2024, 1, 1), date(2024, 12, 31)) if random.random() < 0.07 else None
    kind = random.choices(("smart", "digital", "ferraris"), (45, 30, 25))[0]
    area = random.choices(range(3, 9), (5, 6, 8, 5, 3, 4))[0]
    load = random.choice((14.5, 14.5, 34.0, 60.0, None))
    return (
        f"Z{number:05}", random.choice(customers)[0], area, kind, f"{installed}", removed and f"{removed}", load,
    )  # fmt: skip


def _readings(random: Random, meter: tuple[object, ...]) -> list[tuple[object, ...]]:
    level = random.lognormvariate(5.5, 0.6)
    taken = []
    for month in range(24):
        on = date(2023 + month // 12, month % 12 + 1, random.randint(1, 5))
        if meter[5] and f"{on}" > str(meter[5]):
            break
        season = 1.4 if on.month in (11, 12, 1, 2) else 1.0
        source = "radio" if meter[3] == "smart" else random.choice(("manual", "manual", "estimate"))
        taken.append((meter[0], f"{on}", round(level * season * random.uniform(0.7, 1.3), 1), source))
    return taken


def _contract(random: Random, number: int, customers: list[tuple[object, ...]]) -> tuple[object, ...]:
    start = day(random, date(2018, 1, 1), date(2024, 10, 31))
    end = (
        day(random, start + timedelta(days=90), date(2024, 12, 31) + timedelta(days=90))
        if random.random() < 0.32
        else None
    )
    reason = random.choice(("moved", "price", "service", None)) if end else None
    tariff = random.choices(range(1, 7), (30, 20, 8, 12, 9, 7))[0]
    customer = customers[number - 1] if number <= 420 else random.choice(customers[:420])
    return f"V-{number:05}", customer[0], tariff, f"{start}", end and f"{end}", reason


def _outage(random: Random, number: int) -> tuple[object, ...]:
    begun = datetime(2022, 1, 3) + timedelta(hours=number * 124 + random.randint(0, 90))
    minutes = int(random.lognormvariate(4.3, 0.9)) if number not in (207, 209) else None
    ended = begun + timedelta(minutes=minutes) if minutes is not None else None
    cause = random.choices(CAUSES, (30, 18, 12, 25, 6, 9))[0]
    area = random.choices(range(3, 9), (9, 6, 5, 4, 3, 7))[0]
    affected = int(random.lognormvariate(5, 1.1))
    return number, area, f"{begun:%Y-%m-%d %H:%M:%S}", ended and f"{ended:%Y-%m-%d %H:%M:%S}", cause, affected, minutes


def _generation(random: Random, plant: tuple[object, ...]) -> list[tuple[object, ...]]:
    made = []
    for index in range(36):
        month = date(2022 + index // 12, index % 12 + 1, 1)
        if f"{month}" < str(plant[5]) or (plant[6] and f"{month}" > str(plant[6])):
            continue
        sun = 1.5 if 4 <= month.month <= 8 else 0.5
        factor = {"wind": 0.3, "solar": 0.11 * sun, "gas": 0.4, "hydro": 0.5, "biomass": 0.7}[str(plant[2])]
        output = round(float(str(plant[3])) * 730 * factor * random.uniform(0.75, 1.25), 1)
        lost = round(output * random.choice((0, 0.02, 0.06)), 1) if plant[2] in ("wind", "solar") else None
        made.append((plant[0], f"{month}", output, lost))
    return made


ENERGY = Stranger("energy", DDL, rows, seed=46)
