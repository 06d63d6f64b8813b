"""A winery with its own vines: tidy snake_case, keys ending in _id, money as decimals, ISO dates in text columns."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE grape_varieties (variety_id INTEGER PRIMARY KEY, variety_name TEXT NOT NULL, berry_color TEXT,
    ripening TEXT);
CREATE TABLE vineyard_blocks (block_id INTEGER PRIMARY KEY, block_name TEXT NOT NULL,
    variety_id INTEGER REFERENCES grape_varieties (variety_id), acres DECIMAL(6,2), planted_year INTEGER,
    rootstock TEXT, clone TEXT, soil_type TEXT, elevation_ft INTEGER, is_organic INTEGER);
CREATE TABLE harvests (harvest_id INTEGER PRIMARY KEY, block_id INTEGER REFERENCES vineyard_blocks (block_id),
    picked_on TEXT, tons DECIMAL(6,2), brix DECIMAL(4,1), ph DECIMAL(4,2), titratable_acidity DECIMAL(4,1),
    picking_method TEXT, crew_lead TEXT);
CREATE TABLE tanks (tank_id INTEGER PRIMARY KEY, tank_code TEXT NOT NULL, vessel_type TEXT, capacity_gal INTEGER,
    installed_year INTEGER, cellar_area TEXT);
CREATE TABLE cellar_lots (lot_id INTEGER PRIMARY KEY, lot_code TEXT NOT NULL,
    harvest_id INTEGER REFERENCES harvests (harvest_id), tank_id INTEGER REFERENCES tanks (tank_id),
    filled_on TEXT, emptied_on TEXT, volume_gal INTEGER);
CREATE TABLE tank_checks (check_id INTEGER PRIMARY KEY, tank_id INTEGER REFERENCES tanks (tank_id), checked_on TEXT,
    temperature_f DECIMAL(4,1), free_so2_ppm INTEGER, ullage_in DECIMAL(4,1), checked_by TEXT);
CREATE TABLE bottlings (bottling_id INTEGER PRIMARY KEY, wine_name TEXT NOT NULL, vintage INTEGER, wine_style TEXT,
    variety_id INTEGER REFERENCES grape_varieties (variety_id), lot_id INTEGER, bottled_on TEXT,
    cases_produced INTEGER, alcohol_pct DECIMAL(4,1), closure TEXT, list_price DECIMAL(8,2));
CREATE TABLE club_members (member_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, email TEXT, city TEXT, state TEXT,
    tier TEXT, joined_on TEXT, cancelled_on TEXT, referred_by_member_id INTEGER REFERENCES club_members (member_id));
CREATE TABLE distributors (distributor_id INTEGER PRIMARY KEY, distributor_name TEXT NOT NULL, territory TEXT,
    contact_name TEXT, signed_on TEXT, ended_on TEXT);
CREATE TABLE orders (order_id INTEGER PRIMARY KEY, channel TEXT,
    member_id INTEGER REFERENCES club_members (member_id), distributor_id INTEGER, ordered_on TEXT,
    fulfilled_on TEXT, paid_on TEXT, shipping_fee DECIMAL(8,2));
CREATE TABLE order_lines (order_line_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (order_id),
    bottling_id INTEGER REFERENCES bottlings (bottling_id), bottles INTEGER, unit_price DECIMAL(8,2));
CREATE TABLE tastings (tasting_id INTEGER PRIMARY KEY, held_on TEXT, kind TEXT, host_name TEXT, member_id INTEGER,
    guests INTEGER, fees_collected DECIMAL(8,2), club_signups INTEGER, guest_rating INTEGER);
"""

TODAY = date(2025, 12, 31)
VARIETIES = [
    (1, "Pinot Noir", "black", "early"), (2, "Chardonnay", "white", "early"), (3, "Pinot Gris", "gray", "mid"),
    (4, "Riesling", "white", "late"), (5, "Syrah", "black", "late"), (6, "Gamay", "black", "mid"),
    (7, "Cabernet Franc", "black", "late"), (8, "Grüner Veltliner", "white", "mid"),
    (9, "Tempranillo", "black", "mid"),
]  # fmt: skip
# name, variety, acres, year of planting
BLOCKS = (
    ("Fox Hollow", 1, 6.4, 1987), ("Upper Gulch", 1, 4.75, 1994), ("Lower Gulch", 1, 5.2, 1995),
    ("Schoolhouse", 1, 7.9, 2001), ("Hawk Rise", 1, 3.6, 2006), ("Stone Fence", 1, 5.5, 2011),
    ("Quarry", 1, 2.85, 2016), ("Old Orchard", 2, 4.3, 1989), ("Windmill", 2, 5.65, 2003), ("Chapel", 2, 3.15, 2012),
    ("Creekside", 3, 4.9, 2004), ("Barn Slope", 3, 3.35, 2010), ("North Terrace", 4, 2.7, 1992),
    ("Fern Bank", 4, 3.45, 2008), ("South Terrace", 5, 4.05, 2005), ("Red Gate", 5, 2.95, 2014),
    ("Turkey Knoll", 6, 2.25, 2009), ("Swale", 6, 1.8, 2018), ("Railroad", 7, 3.75, 2007), ("Dry Well", 7, 1.95, 2017),
    ("Lavender Row", 8, 1.6, 2015), ("Homestead", 1, 2.1, 2023), ("Jackrabbit", 5, 2.4, 2024),
)  # fmt: skip
ROOTSTOCKS = ("101-14", "3309C", "Riparia Gloire", "420A")
CLONES = {1: ("Pommard", "777", "115", "Wädenswil"), 2: ("76", "95", "Wente"), 5: ("877", "470"), 7: ("214", "327")}
SOILS = ("Jory", "Willakenzie", "Laurelwood", "Nekia")
VESSELS = ("stainless tank", "open-top fermenter", "concrete egg", "oak foudre", "amphora")
# name, style, variety, price, yearly chance, first vintage
WINES = (
    ("Estate Pinot Noir", "red", 1, 38, 1.0, 2019), ("Reserve Pinot Noir", "red", 1, 64, 1.0, 2019),
    ("Old Vine Pinot Noir", "red", 1, 78, 0.6, 2020), ("Pinot Noir Rosé", "rosé", 1, 24, 1.0, 2020),
    ("Estate Chardonnay", "white", 2, 32, 1.0, 2019), ("Reserve Chardonnay", "white", 2, 49, 0.7, 2019),
    ("Blanc de Blancs", "sparkling", 2, 56, 0.8, 2019), ("Pinot Gris", "white", 3, 22, 1.0, 2020),
    ("Dry Riesling", "white", 4, 25, 1.0, 2019), ("Late Harvest Riesling", "dessert", 4, 34, 0.5, 2020),
    ("Estate Syrah", "red", 5, 36, 1.0, 2019), ("Gamay Noir", "red", 6, 27, 0.9, 2020),
    ("Cabernet Franc", "red", 7, 35, 0.9, 2020), ("Grüner Veltliner", "white", 8, 26, 0.8, 2021),
    ("Ridge Red", "red", None, 21, 1.0, 2019),
)  # fmt: skip
DISTRIBUTORS = (
    ("Cascade Fine Wines", "Washington"), ("Puget Cellar Partners", "Washington"), ("Rose City Beverage", "Oregon"),
    ("High Desert Wine Co.", "Oregon"), ("Golden State Vintners Supply", "California"),
    ("Bay & Barrel", "California"), ("Gem Valley Imports", "Idaho"), ("Front Range Wine Merchants", "Colorado"),
    ("Hudson Street Selections", "New York"), ("Lakeshore Wine Group", "Illinois"), ("Lone Star Cellars", "Texas"),
    ("Beacon Hill Wines", "Massachusetts"), ("Peachtree Pours", "Georgia"), ("North Loop Beverage", "Minnesota"),
)  # fmt: skip
CITIES = (
    ("Portland", "OR"), ("Salem", "OR"), ("Eugene", "OR"), ("Bend", "OR"), ("McMinnville", "OR"), ("Seattle", "WA"),
    ("Tacoma", "WA"), ("Vancouver", "WA"), ("San Francisco", "CA"), ("Sacramento", "CA"), ("San Diego", "CA"),
    ("Boise", "ID"), ("Denver", "CO"), ("Austin", "TX"), ("Chicago", "IL"), ("Brooklyn", "NY"),
)  # fmt: skip
CHANNELS = ("tasting room", "club", "web", "wholesale")
KINDS = ("walk-in", "reserved", "private event", "vineyard tour")


def rows(random: Random) -> Rows:
    crew, staff, hosts = people(random, 4), people(random, 4), people(random, 7)
    blocks = [_block(random, number, *block) for number, block in enumerate(BLOCKS, 1)]
    harvests = [(number, *pick) for number, pick in enumerate((p for b in blocks for p in _picks(random, b, crew)), 1)]
    tanks = [_tank(random, number) for number in range(1, 49)]
    lots = _lots(random, harvests, blocks, tanks[:-3])
    bottlings = _bottlings(random, lots, harvests, blocks)
    members = _members(random)
    distributors = [_distributor(random, number, people(random, 1)[0]) for number in range(1, 15)]
    orders = _orders(random, members, distributors)
    lines = [line for order in orders for line in _lines(random, order, bottlings[:-2])]
    return {
        "grape_varieties": VARIETIES, "vineyard_blocks": blocks, "harvests": harvests, "tanks": tanks,
        "cellar_lots": lots, "tank_checks": _checks(random, tanks, staff), "bottlings": bottlings,
        "club_members": members, "distributors": distributors, "orders": orders,
        "order_lines": [(number, *line) for number, line in enumerate(lines, 1)],
        "tastings": _tastings(random, hosts, members),
    }  # fmt: skip


def _block(random: Random, number: int, name: str, variety: int, acres: float, planted: int) -> tuple[object, ...]:
    clones = CLONES.get(variety)
    clone = random.choice(clones) if clones and random.random() < 0.85 else None
    root = random.choice(ROOTSTOCKS) if planted > 1994 else "own-rooted"
    organic = int(random.random() < 0.35)
    return number, name, variety, acres, planted, root, clone, random.choice(SOILS), random.randint(260, 790), organic


def _picks(random: Random, block: tuple[object, ...], crew: list[str]) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    late = {"early": 0, "mid": 9, "late": 20}[VARIETIES[int(str(block[2])) - 1][3]]
    base = random.uniform(2.1, 3.7)
    for year in range(max(2021, int(str(block[4])) + 3), 2026):
        weather = {2021: 0.95, 2022: 1.08, 2023: 1.02, 2024: 0.97, 2025: 1.03}[year]
        crop = float(str(block[3])) * base * weather * random.uniform(0.82, 1.18)
        many = random.choices((1, 2, 3), (60, 33, 7))[0]
        on = date(year, 8, 27) + timedelta(days=late + random.randint(0, 16))
        for _ in range(many):
            sugar = round(min(27.4, random.gauss(23.4, 1.2) + len(made) * 0.01), 1)
            acid = round(random.gauss(7.2, 0.9), 1) if random.random() < 0.88 else None
            ph = round(random.gauss(3.45, 0.14), 2) if random.random() < 0.95 else None
            how = "machine" if float(str(block[3])) > 4.6 and random.random() < 0.4 else "hand"
            lead = random.choice(crew) if random.random() < 0.94 else None
            made.append((block[0], f"{on}", round(crop / many, 2), sugar, ph, acid, how, lead))
            on += timedelta(days=random.randint(2, 7))
    return made


def _tank(random: Random, number: int) -> tuple[object, ...]:
    kind = random.choices(VESSELS, (44, 24, 12, 14, 6))[0]
    sizes = {
        "stainless tank": (800, 1200, 1500, 2400, 3200), "open-top fermenter": (700, 1000, 1500),
        "concrete egg": (450, 480), "oak foudre": (800, 1300, 1600), "amphora": (210, 260),
    }  # fmt: skip
    area = random.choice(("crush pad", "main cellar")) if kind != "oak foudre" else "barrel hall"
    code = f"{kind[0].upper()}-{number:02}"
    return number, code, kind, random.choice(sizes[kind]), random.randint(1998, 2024), area


def _lots(
    random: Random,
    harvests: list[tuple[object, ...]],
    blocks: list[tuple[object, ...]],
    tanks: list[tuple[object, ...]],
) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    free = {tank[0]: date(2021, 1, 1) for tank in tanks}
    letters = ("PN", "CH", "PG", "RI", "SY", "GA", "CF", "GV", "TE")
    for pick in sorted(harvests, key=lambda pick: str(pick[2])):
        if random.random() < 0.06:
            continue
        variety = int(str(blocks[int(str(pick[1])) - 1][2]))
        on = date.fromisoformat(str(pick[2])) + timedelta(days=random.choice((0, 0, 0, 1)))
        parts = random.choices((1, 2), (75, 25))[0]
        for _ in range(parts):
            gallons = int(float(str(pick[3])) * random.uniform(140, 165) / parts)
            room = [tank for tank in tanks if free[tank[0]] <= on and int(str(tank[3])) >= gallons]
            if not room:
                continue
            snug = sorted(room, key=lambda tank: int(str(tank[3])))[: max(4, len(room) // 2)]
            tank = random.choice(snug)
            stay = random.randint(265, 345) if VARIETIES[variety - 1][2] == "black" else random.randint(150, 230)
            out = on + timedelta(days=stay)
            free[tank[0]] = out
            number = len(made) + 1
            code = f"{on.year % 100}-{letters[variety - 1]}-{number:03}"
            made.append((number, code, pick[0], tank[0], f"{on}", f"{out}" if out < TODAY else None, gallons))
    return made


def _bottlings(
    random: Random, lots: list[tuple[object, ...]], harvests: list[tuple[object, ...]], blocks: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    used: set[object] = set()
    for vintage in range(2019, 2025):
        for name, style, variety, price, chance, first in WINES:
            if vintage < first or random.random() > chance:
                continue
            lot: tuple[object, ...] | None = None
            if vintage >= 2021:
                fit = [
                    each for each in lots
                    if each[5] and str(each[4])[:4] == str(vintage) and each[0] not in used and int(str(each[6])) >= 300
                    and _grape(each, harvests, blocks) in ((variety,) if variety else (1, 5, 6, 7))
                    and (name != "Old Vine Pinot Noir" or _planted(each, harvests, blocks) < 1996)
                ]  # fmt: skip
                if not fit:
                    continue
                lot = random.choice(fit)
                used.add(lot[0])
                bottled, gallons = str(lot[5]), int(str(lot[6]))
            else:
                bottled, gallons = f"{day(random, date(2021, 1, 11), date(2021, 3, 31))}", random.randint(380, 1500)
            cost = price + (vintage - 2019) * random.choice((0, 1, 1)) + (2 if vintage > 2022 else 0)
            closure = "crown cap" if style == "sparkling" else "screwcap" if price < 30 else "cork"
            alcohol = round(random.gauss(13.2 if style == "red" else 12.4, 0.5), 1)
            cases = int(gallons * random.uniform(0.385, 0.41))
            seal = closure if random.random() < 0.95 else None
            grown = lot and lot[0]
            number = len(made) + 1
            made.append((number, name, vintage, style, variety, grown, bottled, cases, alcohol, seal, float(cost)))
    return made


def _grape(lot: tuple[object, ...], harvests: list[tuple[object, ...]], blocks: list[tuple[object, ...]]) -> object:
    return blocks[int(str(harvests[int(str(lot[2])) - 1][1])) - 1][2]


def _planted(lot: tuple[object, ...], harvests: list[tuple[object, ...]], blocks: list[tuple[object, ...]]) -> int:
    return int(str(blocks[int(str(harvests[int(str(lot[2])) - 1][1])) - 1][4]))


def _checks(random: Random, tanks: list[tuple[object, ...]], staff: list[str]) -> list[tuple[object, ...]]:
    days = sorted(day(random, date(2021, 9, 1), TODAY) for _ in range(720))
    made: list[tuple[object, ...]] = []
    for number, on in enumerate(days, 1):
        tank = random.choice(tanks[:-3])
        warm = on.month in (9, 10) and random.random() < 0.7
        heat = round(random.gauss(74 if warm else 57, 5 if warm else 2.5), 1)
        sulphur = random.randint(8, 42) if random.random() < 0.84 else None
        usual = 2.6 if tank[2] == "oak foudre" else 1.4
        gap = round(abs(random.gauss(usual, 1.1)), 1) if random.random() < 0.9 else None
        made.append((number, tank[0], f"{on}", heat, sulphur, gap, random.choice(staff)))
    return made


def _members(random: Random) -> list[tuple[object, ...]]:
    joins = sorted(day(random, date(2021, 1, 4), date(2025, 12, 20)) for _ in range(240))
    made: list[tuple[object, ...]] = []
    for number, (name, on) in enumerate(zip(people(random, 240), joins, strict=True), 1):
        city, state = random.choices(CITIES, (60, 22, 16, 14, 18, 30, 10, 14, 20, 12, 8, 9, 7, 7, 5, 4))[0]
        tier = random.choices(("Sampler", "Classic", "Collector"), (34, 48, 18))[0]
        left = on + timedelta(days=random.randint(120, 1300)) if random.random() < 0.42 else None
        gone = f"{left}" if left and left <= TODAY else None
        mail = f"{name.lower().replace(' ', '.')}@example.com" if random.random() < 0.91 else None
        friend = random.randint(1, number - 1) if number > 15 and random.random() < 0.16 else None
        made.append((number, name, mail, city, state, tier, f"{on}", gone, friend))
    return made


def _distributor(random: Random, number: int, contact: str) -> tuple[object, ...]:
    name, territory = DISTRIBUTORS[number - 1]
    signed = day(random, date(2021, 1, 5), date(2021, 4, 20)) if number < 8 else day(
        random, date(2021, 5, 1), date(2024, 9, 30)
    )  # fmt: skip
    signed = date(2025, 10, 6) if number == 14 else signed
    ended = "2024-03-31" if number == 4 else "2025-06-30" if number == 12 else None
    return number, name, territory, contact, f"{signed}", ended


def _orders(
    random: Random, members: list[tuple[object, ...]], distributors: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    days: list[date] = []
    while len(days) < 1180:
        on = day(random, date(2021, 4, 15), TODAY)
        busy = {1: 0.35, 2: 0.45, 11: 0.95, 12: 1.0, 7: 0.75, 8: 0.75}.get(on.month, 0.6)
        if random.random() < busy * (0.6 + (on.year - 2021) * 0.1):
            days.append(on)
    keen = {member[0]: random.paretovariate(1.8) for member in members if random.random() < 0.93}
    sizes = dict(zip((each[0] for each in distributors), (9, 4, 8, 3, 6, 7, 2, 4, 6, 3, 4, 2, 0, 0), strict=True))
    made: list[tuple[object, ...]] = []
    for number, on in enumerate(sorted(days), 1):
        channel = random.choices(CHANNELS, (25, 43, 20, 12))[0]
        able = [m for m in members if m[0] in keen and str(m[6]) <= f"{on}" and (not m[7] or str(m[7]) >= f"{on}")]
        sellers = [d for d in distributors if str(d[4]) <= f"{on}" and (not d[5] or str(d[5]) >= f"{on}")]
        chance = {"tasting room": 0.3, "club": 1.0, "web": 0.55, "wholesale": 0.0}[channel]
        who = random.choices(able, [min(keen[m[0]], 9.0) for m in able])[0][0] if random.random() < chance else None
        seller = random.choices(sellers, [sizes[d[0]] for d in sellers])[0][0] if channel == "wholesale" else None
        lag = {"tasting room": 0, "club": random.randint(2, 9), "web": random.randint(1, 12)}.get(channel, 0)
        sent = on + timedelta(days=lag or (random.randint(4, 21) if channel == "wholesale" else 0))
        paid = on + timedelta(days=random.randint(18, 80) if channel == "wholesale" else 0)
        done = f"{sent}" if sent <= TODAY and (channel == "tasting room" or random.random() < 0.985) else None
        settled = f"{paid}" if paid <= TODAY and (channel != "wholesale" or random.random() < 0.93) else None
        fee = {"tasting room": 0.0, "club": 15.0, "web": random.choice((15.0, 24.5, 38.0))}.get(channel, 0.0)
        made.append((number, channel, who, seller, f"{on}", done, settled, fee))
    return made


def _lines(random: Random, order: tuple[object, ...], bottlings: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    on = date.fromisoformat(str(order[4]))
    ready = [
        each for each in bottlings
        if 14 <= (on - date.fromisoformat(str(each[6]))).days <= 1000
    ]  # fmt: skip
    loved = ("Estate Pinot Noir", "Pinot Gris")
    weights = [(180 if each[1] in loved else 90) / float(str(each[10])) for each in ready]
    chosen = list(dict.fromkeys(random.choices(ready, weights, k=random.choices((1, 2, 3, 4), (32, 34, 22, 12))[0])))
    made = []
    for bottling in chosen:
        club, trade = random.choice((0.8, 0.85)), random.choice((0.6, 0.62, 0.66))
        rate = {"club": club, "wholesale": trade}.get(str(order[1]), 1.0)
        many = {"club": random.choice((1, 2, 2, 3)), "wholesale": 12 * random.choice((1, 2, 3, 5, 10, 14))}.get(
            str(order[1]), random.choice((1, 1, 2, 3, 6, 12))
        )
        made.append((order[0], bottling[0], many, round(float(str(bottling[10])) * rate, 2)))
    return made


def _tastings(random: Random, hosts: list[str], members: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    days: list[date] = []
    while len(days) < 540:
        on = day(random, date(2021, 4, 1), TODAY)
        if random.random() < {1: 0.3, 2: 0.4, 6: 0.9, 7: 1.0, 8: 1.0, 9: 0.9}.get(on.month, 0.6):
            days.append(on)
    made: list[tuple[object, ...]] = []
    for number, on in enumerate(sorted(days), 1):
        kind = random.choices(KINDS, (46, 36, 8, 10))[0]
        guests = random.randint(14, 60) if kind == "private event" else random.choice((2, 2, 2, 3, 4, 4, 5, 6, 8))
        able = [m[0] for m in members if str(m[6]) <= f"{on}" and (not m[7] or str(m[7]) >= f"{on}")]
        who = random.choice(able) if able and random.random() < 0.22 else None
        each = {"walk-in": 20, "reserved": 25, "private event": 45, "vineyard tour": 40}[kind]
        fees = 0.0 if who and kind != "private event" else float(each * guests)
        joined = min(guests, random.choices((0, 1, 2, 3), (66, 23, 9, 2))[0])
        stars = random.choices((1, 2, 3, 4, 5, None), (1, 3, 9, 26, 34, 27))[0]
        host = random.choices(hosts, (22, 19, 16, 14, 11, 9, 5))[0]
        made.append((number, f"{on}", kind, host, who, guests, fees, joined, stars))
    return made


VINEYARD = Stranger("vineyard", DDL, rows, seed=61)
