"""A removals firm: a home-grown database, singular tables with prefixed columns, coded statuses, days as text."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE depot (dep_id INTEGER PRIMARY KEY, dep_name VARCHAR(20), dep_addr VARCHAR(60), dep_tel VARCHAR(15),
    dep_open_dt VARCHAR(10));
CREATE TABLE code_list (cod_group VARCHAR(12), cod_no SMALLINT, cod_text VARCHAR(30), PRIMARY KEY (cod_group, cod_no));
CREATE TABLE customer (cust_id INTEGER PRIMARY KEY, cust_name VARCHAR(60), cust_type SMALLINT, cust_town VARCHAR(30),
    cust_pcode VARCHAR(8), cust_tel VARCHAR(15), cust_email VARCHAR(60), cust_since_dt VARCHAR(10),
    cust_source VARCHAR(20));
CREATE TABLE worker (wrk_id INTEGER PRIMARY KEY, wrk_name VARCHAR(40), wrk_job VARCHAR(12),
    wrk_dep_id INTEGER REFERENCES depot (dep_id), wrk_start_dt VARCHAR(10), wrk_left_dt VARCHAR(10), wrk_hgv SMALLINT);
CREATE TABLE truck (trk_no INTEGER PRIMARY KEY, trk_reg VARCHAR(8), trk_make VARCHAR(20), trk_type VARCHAR(10),
    trk_cuft INTEGER, trk_depot INTEGER, trk_bought_dt VARCHAR(10), trk_mot_dt VARCHAR(10), trk_sold_dt VARCHAR(10));
CREATE TABLE quote (quo_no INTEGER PRIMARY KEY, quo_cust_id INTEGER REFERENCES customer (cust_id), quo_dt VARCHAR(10),
    quo_surveyor INTEGER, quo_from_town VARCHAR(30), quo_to_town VARCHAR(30), quo_cuft INTEGER, quo_amt DECIMAL(9,2),
    quo_status SMALLINT, quo_lost_why VARCHAR(20));
CREATE TABLE job (job_no INTEGER PRIMARY KEY, job_quo_no INTEGER, job_cust_id INTEGER REFERENCES customer (cust_id),
    job_dep_id INTEGER REFERENCES depot (dep_id), job_type VARCHAR(12), job_dt VARCHAR(10), job_from_town VARCHAR(30),
    job_to_town VARCHAR(30), job_miles INTEGER, job_men SMALLINT, job_foreman INTEGER, job_driver INTEGER,
    job_trk_no INTEGER, job_price DECIMAL(9,2), job_status SMALLINT);
CREATE TABLE storage_unit (unit_no VARCHAR(8) PRIMARY KEY, unit_dep_id INTEGER REFERENCES depot (dep_id),
    unit_sqft INTEGER, unit_floor SMALLINT, unit_heated SMALLINT, unit_month_rate DECIMAL(7,2));
CREATE TABLE storage_contract (sto_no INTEGER PRIMARY KEY, sto_cust_id INTEGER REFERENCES customer (cust_id),
    sto_unit_no VARCHAR(8) REFERENCES storage_unit (unit_no), sto_start_dt VARCHAR(10), sto_end_dt VARCHAR(10),
    sto_month_rate DECIMAL(7,2));
CREATE TABLE item (itm_id INTEGER PRIMARY KEY, itm_sto_no INTEGER REFERENCES storage_contract (sto_no),
    itm_desc VARCHAR(40), itm_room VARCHAR(20), itm_qty SMALLINT, itm_cuft INTEGER, itm_tot_value DECIMAL(9,2),
    itm_cond VARCHAR(10));
CREATE TABLE damage_claim (clm_no INTEGER PRIMARY KEY, clm_job_no INTEGER, clm_dt VARCHAR(10), clm_what VARCHAR(40),
    clm_asked DECIMAL(9,2), clm_paid DECIMAL(9,2), clm_status VARCHAR(10));
CREATE TABLE invoice (inv_no INTEGER PRIMARY KEY, inv_cust_id INTEGER, inv_job_no INTEGER, inv_sto_no INTEGER,
    inv_dt VARCHAR(10), inv_due_dt VARCHAR(10), inv_net DECIMAL(9,2), inv_vat DECIMAL(9,2), inv_paid_dt VARCHAR(10),
    inv_paid_amt DECIMAL(9,2), inv_paid_how VARCHAR(10));
"""

TODAY = date(2025, 11, 14)
START = date(2021, 1, 4)
DEPOTS = [
    (1, "Leeds", "Unit 7, Gelderd Trading Estate", "0113 496 0141", "1987-05-01"),
    (2, "Sheffield", "22 Attercliffe Yard", "0114 496 0277", "1999-09-13"),
    (3, "York", "Clifton Moor, Block C", "01904 496 031", "2004-02-02"),
    (4, "Hull", "Wiltshire Road 51", "01482 496 088", "2011-06-20"),
    (5, "Harrogate", "Old Goods Shed, Starbeck", "01423 496 019", "2018-03-05"),
    (6, "Doncaster", "Balby Carr Park 3", "01302 496 054", "2023-02-06"),
]
CODES = [
    ("job_status", 1, "booked"), ("job_status", 2, "completed"), ("job_status", 3, "cancelled"),
    ("job_status", 4, "postponed"), ("quo_status", 1, "open"), ("quo_status", 2, "accepted"),
    ("quo_status", 3, "declined"), ("quo_status", 4, "expired"), ("cust_type", 1, "private"),
    ("cust_type", 2, "business"), ("cust_type", 3, "housing association"),
]  # fmt: skip
# The towns about each depot.
TOWNS = {
    1: ("Leeds", "Otley", "Wakefield", "Bradford", "Garforth"), 2: ("Sheffield", "Rotherham", "Chesterfield"),
    3: ("York", "Selby", "Malton"), 4: ("Hull", "Beverley", "Hessle"), 5: ("Harrogate", "Ripon", "Knaresborough"),
    6: ("Doncaster", "Thorne", "Bawtry"),
}  # fmt: skip
FAR = {
    "London": 198, "Manchester": 46, "Newcastle": 98, "Edinburgh": 212, "Bristol": 209, "Nottingham": 71,
    "Glasgow": 218, "Cardiff": 236, "Norwich": 174, "Exeter": 284, "Penzance": 393, "Inverness": 367,
}  # fmt: skip
BUSINESS = (
    "Ridings", "Aire Valley", "Calder", "Whitestone", "Northgate", "Swaledale", "Kirkstall", "Minster", "Humber",
    "Steel City", "Moorland", "Castlegate",
)  # fmt: skip
TRADES = ("Dental Care", "Solicitors", "Lettings", "Print Works", "Accountancy", "Optics", "Software", "Furniture")
HOUSING = ("Broad Acres Homes", "Beck Housing", "Hallam Homes Trust", "Kingston Housing", "Together Homes North")
# What people store, the room it comes from, cubic feet and pounds for one.
GOODS = (
    ("Sofa, three-seater", "lounge", 50, 600), ("Armchair", "lounge", 18, 220), ("Coffee table", "lounge", 8, 120),
    ("Television", "lounge", 8, 450), ("Bookcase", "study", 22, 150), ("Desk", "study", 25, 260),
    ("Box of books", "study", 2, 60), ("Double bed", "bedroom", 55, 480), ("Single bed", "bedroom", 35, 260),
    ("Wardrobe", "bedroom", 60, 350), ("Chest of drawers", "bedroom", 18, 190), ("Mattress", "bedroom", 30, 300),
    ("Dining table", "dining room", 35, 550), ("Dining chair", "dining room", 6, 70),
    ("Sideboard", "dining room", 30, 420), ("Box of china", "kitchen", 2, 180), ("Fridge freezer", "kitchen", 40, 390),
    ("Washing machine", "kitchen", 20, 330), ("Bicycle", "garage", 12, 380), ("Lawn mower", "garage", 10, 210),
    ("Toolbox", "garage", 3, 140), ("Filing cabinet", "office", 15, 110), ("Office chair", "office", 10, 130),
    ("Box of files", "office", 2, 20),
)  # fmt: skip
BROKEN = (
    "sideboard", "television", "wardrobe door", "mirror", "dining table", "china", "door frame", "banister",
    "fridge freezer", "lamp", "sofa leg", "carpet", "piano lid", "picture frame",
)  # fmt: skip


def rows(random: Random) -> Rows:
    names = people(random, 600)
    workers = [_worker(random, number, names.pop()) for number in range(1, 61)]
    trucks = [_truck(random, number) for number in range(1, 23)]
    customers = [_customer(random, number, name) for number, name in enumerate(_customers(random, names), 1)]
    quotes = sorted((_quote(random, customers, workers) for _ in range(1150)), key=lambda quote: str(quote[1]))
    quotes = [(7000 + number, *quote) for number, quote in enumerate(quotes, 1)]
    jobs = _jobs(random, quotes, customers, workers, trucks)
    units = _units(random)
    contracts = _contracts(random, units, customers)
    items = [item for contract in contracts for item in _items(random, contract)]
    return {
        "depot": DEPOTS, "code_list": CODES, "customer": customers, "worker": workers, "truck": trucks,
        "quote": quotes, "job": jobs, "storage_unit": units, "storage_contract": contracts,
        "item": [(number, *item) for number, item in enumerate(items, 1)],
        "damage_claim": _claims(random, jobs), "invoice": _invoices(random, jobs, contracts),
    }  # fmt: skip


def _worker(random: Random, number: int, name: str) -> tuple[object, ...]:
    kind = (
        ("foreman", "driver")[number % 2]
        if number < 13
        else ("foreman", "driver", "porter", "foreman", "driver", "porter", "porter", "surveyor", "porter", "office")[
            number % 10
        ]
    )
    # The first twelve give every depot a foreman and a driver from its opening on.
    depot = (number + 1) // 2 if number < 13 else random.choices(range(1, 7), (30, 20, 18, 14, 8, 10))[0]
    opened = max(date.fromisoformat(DEPOTS[depot - 1][4]), date(2001 + number % 11, 2 + number % 9, 1))
    began = day(random, opened, opened + timedelta(days=20)) if number < 13 else day(random, opened, date(2025, 8, 1))
    left = None
    if number > 12 and random.random() < 0.36 and began < date(2025, 1, 1):
        left = day(random, max(began + timedelta(days=90), date(2021, 2, 1)), date(2025, 10, 1)).isoformat()
    licence = int(random.random() < {"driver": 0.9, "foreman": 0.5, "porter": 0.1}.get(kind, 0.05))
    return number, name, kind, depot, began.isoformat(), left, licence


def _truck(random: Random, number: int) -> tuple[object, ...]:
    depot = (1, 2, 3, 4, 5, 6, 4, 1, 2, 1, 2, 3, 1, 3, 2, 1, 5, 3, 1, 2, 6, 1)[number - 1]
    bought = day(random, date(2014, 3, 1), date(2020, 12, 1)) if number < 14 else day(random, START, date(2025, 7, 1))
    if number == 22:
        bought = date(2025, 10, 28)
    kind, feet = random.choices((("van", 400), ("luton", 700), ("7.5t", 1250), ("18t", 2200)), (3, 5, 6, 3))[0]
    sold = day(random, date(2022, 6, 1), date(2025, 6, 1)).isoformat() if number in (8, 9, 11) else None
    age = bought.year % 100 + (50 if bought.month > 8 else 49 if bought.month < 3 else 0)
    letters = "".join(random.sample("ABDEFGHJKLNPRSTUVWY", 3))
    plate = f"Y{random.choice('ABDHJK')}{age:02} {letters}"
    make = random.choices(
        ("DAF", "MAN", "Iveco", "Mercedes", "Ford"), (6, 2, 4, 4, 0) if feet > 700 else (0, 0, 3, 4, 5)
    )[0]
    checked = None if sold else day(random, date(2025, 11, 20), date(2026, 10, 30)).isoformat()
    return number, plate, make, kind, feet, depot, bought.isoformat(), checked if number != 17 else None, sold


def _customers(random: Random, names: list[str]) -> list[str]:
    firms = random.sample([f"{place} {trade}" for place in BUSINESS for trade in TRADES], 62)
    everyone = names[:535] + firms + list(HOUSING)
    random.shuffle(everyone)
    return everyone


def _customer(random: Random, number: int, name: str) -> tuple[object, ...]:
    kind = 3 if name in HOUSING else 2 if any(name.endswith(trade) for trade in TRADES) else 1
    depot = random.choices(range(1, 7), (30, 20, 18, 14, 9, 7))[0]
    town = random.choices(TOWNS[depot], (6, 2, 2, 1, 1)[: len(TOWNS[depot])])[0]
    code = f"{('LS', 'S', 'YO', 'HU', 'HG', 'DN')[depot - 1]}{random.randint(1, 28)} {random.randint(1, 9)}"
    code += "".join(random.sample("ABDEFGHJLNPQRSTUWXYZ", 2))
    tel = f"07700 900{random.randint(0, 999):03}" if random.random() < 0.93 else None
    email = None
    if random.random() < 0.72:
        email = f"{name.lower().replace(' ', '.')}@example.{random.choice(('com', 'org', 'net'))}"
    since = START + timedelta(days=int((number - 1) / 602 * 1760))
    source = random.choices(
        ("google", "recommendation", "estate agent", "leaflet", "van seen", "checkatrade", None),
        (30, 26, 16, 5, 4, 11, 8),
    )[0]
    return number, name, kind, town, code, tel, email, since.isoformat(), source


def _active(workers: list[tuple[object, ...]], kind: str, when: str, depot: object = None) -> list[object]:
    return [
        worker[0]
        for worker in workers
        if worker[2] == kind
        and depot in (None, worker[3])
        and str(worker[4]) <= when
        and (worker[5] is None or str(worker[5]) > when)
    ]


def _route(random: Random, home: str) -> tuple[str, str]:
    if random.random() < 0.26:
        away = random.choices(list(FAR), (26, 18, 12, 10, 7, 9, 5, 4, 4, 3, 1, 1))[0]
        return (home, away) if random.random() < 0.75 else (away, home)
    near = [town for towns in TOWNS.values() for town in towns]
    return home, home if random.random() < 0.45 else random.choice(near)


def _quote(random: Random, customers: list[tuple[object, ...]], workers: list[tuple[object, ...]]) -> tuple:
    while True:
        customer = customers[int(random.random() ** 1.15 * len(customers))]
        since = date.fromisoformat(str(customer[7]))
        often = customer[2] != 1
        when = since + timedelta(days=random.choice((0, 1, 2, 3, 5)))
        if random.random() < (0.7 if often else 0.3):
            when = day(random, since, TODAY)
        # Fewer ask in winter.
        if (
            when <= TODAY
            and random.random() < (0.55, 0.6, 0.75, 0.85, 0.95, 1, 1, 1, 0.85, 0.75, 0.65, 0.45)[when.month - 1]
        ):
            break
    here, there = _route(random, str(customer[3]))
    feet = int(random.lognormvariate(6.75, 0.45) * (1.7 if often else 1)) // 10 * 10
    far = FAR.get(here, FAR.get(there, 20))
    amount = float(round((180 + feet * 0.62 + far * 2.3) * random.uniform(0.85, 1.2) / 5) * 5)
    age = (TODAY - when).days
    status = random.choices((2, 3, 4), (58, 27, 15))[0]
    if age < 35 and random.random() < 0.7:
        status = 1
    why = None
    if status == 3 and random.random() < 0.85:
        why = random.choices(("price", "no date free", "sale fell through", "did it themselves"), (45, 20, 22, 13))[0]
    surveyors = _active(workers, "surveyor", when.isoformat())
    surveyor = random.choice(surveyors) if surveyors and random.random() < 0.9 else None
    return customer[0], when.isoformat(), surveyor, here, there, feet, amount, status, why


def _home(town: str) -> int | None:
    return next((depot for depot, towns in TOWNS.items() if town in towns), None)


def _jobs(
    random: Random,
    quotes: list[tuple],
    customers: list[tuple[object, ...]],
    workers: list[tuple[object, ...]],
    trucks: list[tuple[object, ...]],
) -> list[tuple[object, ...]]:
    wanted = [quote for quote in quotes if quote[8] == 2 and random.random() < 0.97]
    # Regular customers ring up without asking for a quote.
    for _ in range(95):
        customer = random.choice([one for one in customers[:480] if one[2] != 1 or random.random() < 0.1])
        when = day(random, date.fromisoformat(str(customer[7])), TODAY - timedelta(days=20))
        here, there = _route(random, str(customer[3]))
        feet = random.randrange(200, 1900, 50)
        wanted.append((None, customer[0], when.isoformat(), None, here, there, feet, 170.0 + feet // 50 * 35, 2, None))
    made = []
    for number, customer, asked, _, here, there, feet, amount, _, _ in wanted:
        when = date.fromisoformat(asked) + timedelta(days=random.randint(9, 60))
        when += timedelta(days=1 if when.weekday() == 6 else 0)
        status = 2 if when < TODAY else 1
        status = 3 if random.random() < 0.07 else 4 if when > date(2025, 6, 1) and random.random() < 0.05 else status
        depot = _home(here) or _home(there) or 1
        depot = 2 if depot == 6 and f"{when}" < DEPOTS[5][4] else depot
        firm = customers[customer - 1][2] == 2
        kind = "office" if firm and random.random() < 0.85 else "part load" if feet < 500 else "house"
        far = FAR.get(here, FAR.get(there))
        miles = far + random.randint(-12, 14) if far else random.randint(2, 9 if here == there else 48)
        men = min(6, max(2, feet // 480 + 1))
        fleet = [t for t in trucks if t[5] == depot and str(t[6]) <= f"{when}" and (t[8] or "9999") > f"{when}"]
        fleet = [t for t in fleet if t[0] != 17 or when.year < 2025]
        truck = random.choices(fleet, [1 / (1 + abs(int(str(t[4])) - feet)) for t in fleet])[0][0] if fleet else None
        foremen, drivers = (_active(workers, kind, f"{when}", depot) for kind in ("foreman", "driver"))
        price = amount
        if status == 2:
            price += random.choices((0, 5 * random.randint(4, 50), -5 * random.randint(2, 16)), (74, 20, 6))[0]
        known = status in (1, 2, 3)
        made.append((
            number, customer, depot, kind, when.isoformat() if known else None, here, there, miles, men,
            random.choice(foremen) if foremen and status == 2 else None,
            random.choice(drivers) if drivers and status == 2 and random.random() < 0.94 else None,
            truck if status == 2 or (status == 1 and random.random() < 0.5) else None, price, status,
        ))  # fmt: skip
    made.sort(key=lambda job: job[4] or "2025-10-15")
    return [(4000 + number, *job) for number, job in enumerate(made, 1)]


def _units(random: Random) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for depot, short, many in ((1, "LS", 40), (2, "SH", 32), (3, "YK", 26), (4, "HU", 20), (6, "DN", 10)):
        for number in range(1, many + 1):
            feet = random.choices((25, 50, 75, 100, 150, 250), (18, 26, 20, 18, 11, 7))[0]
            rate = round((18 + feet * 0.92) * {1: 1.15, 2: 1.05, 3: 1.2, 4: 0.9, 6: 0.85}[depot])
            made.append(
                (f"{short}-{number:03}", depot, feet, random.choice((0, 0, 1)), int(random.random() < 0.3), float(rate))
            )
    return made


def _contracts(random: Random, units: list[tuple[object, ...]], customers: list[tuple[object, ...]]) -> list[tuple]:
    made = []
    for unit in units:
        if random.random() < 0.06:
            continue
        when = START + timedelta(days=random.randint(0, 500))
        if unit[1] == 6:
            when = date(2023, 3, 1) + timedelta(days=random.randint(0, 200))
        while when < TODAY - timedelta(days=20):
            known = [one for one in customers if str(one[7]) <= when.isoformat()]
            who = random.choice(known)
            long = int(random.lognormvariate(5.7, 0.9)) + 28
            end = when + timedelta(days=long)
            rate = float(str(unit[5])) * random.choice((1, 1, 1, 1, 0.9, 0.95))
            gone = end.isoformat() if end < TODAY else None
            made.append((who[0], unit[0], when.isoformat(), gone, round(rate, 2)))
            when = end + timedelta(days=random.randint(3, 200))
    made.sort(key=lambda contract: contract[2])
    return [(500 + number, *contract) for number, contract in enumerate(made, 1)]


def _items(random: Random, contract: tuple) -> list[tuple[object, ...]]:
    if random.random() < 0.12:
        return []
    made: list[tuple[object, ...]] = []
    for desc, room, feet, value in random.sample(GOODS, min(len(GOODS), max(2, int(random.lognormvariate(1.85, 0.5))))):
        many = 1
        if desc.startswith("Box"):
            many = random.randint(2, 18)
        elif "hair" in desc:
            many = random.choice((1, 2, 4, 6))
        worth = round(value * many * random.uniform(0.4, 2.2), -1) if random.random() < 0.93 else None
        condition = random.choices(("good", "worn", "scratched", None), (62, 20, 12, 6))[0]
        made.append((contract[0], desc, room, many, feet * many, worth, condition))
    if random.random() < 0.08:
        piano, feet, value = random.choice(
            (("Upright piano", 70, 1800), ("Upright piano", 70, 1400), ("Baby grand piano", 120, 6500))
        )
        made.append((contract[0], piano, "lounge", 1, feet, float(value), "good"))
    return made


def _claims(random: Random, jobs: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    made = []
    for job in jobs:
        if job[14] != 2 or random.random() > 0.125:
            continue
        for _ in range(random.choices((1, 2), (88, 12))[0]):
            when = date.fromisoformat(str(job[5])) + timedelta(days=random.randint(0, 25))
            if when > TODAY:
                continue
            asked = float(max(25, int(random.lognormvariate(5.2, 0.9)) // 5 * 5 + random.choice((0, 0, 0, 4, 9))))
            state = random.choices(("settled", "refused"), (72, 28))[0]
            state = "open" if (TODAY - when).days < 120 and random.random() < 0.7 else state
            paid = None if state == "open" else 0.0
            if state == "settled":
                paid = round(asked * random.choice((1, 1, 1, 0.75, 0.5, 0.4)), 2)
            made.append((job[0], when.isoformat(), random.choice(BROKEN), asked, paid, state))
    made.sort(key=lambda claim: claim[1])
    return [(300 + number, *claim) for number, claim in enumerate(made, 1)]


def _invoices(random: Random, jobs: list[tuple[object, ...]], contracts: list[tuple]) -> list[tuple[object, ...]]:
    made = []
    for job in jobs:
        if job[14] == 2:
            when = date.fromisoformat(str(job[5])) + timedelta(days=random.randint(0, 6))
            if when <= TODAY:
                made.append((job[2], job[0], None, when, 14, job[13]))
    for number, who, _, began, ended, rate in contracts:
        when = date.fromisoformat(began)
        # Storage is charged a quarter at a time, in advance.
        while when <= TODAY and when < date.fromisoformat(ended or "2099-01-01"):
            made.append((who, None, number, when, 30, rate * 3))
            when += timedelta(days=91)
    made.sort(key=lambda line: line[3])
    return [_invoice(random, 20000 + number, *line) for number, line in enumerate(made, 1)]


def _invoice(
    random: Random, number: int, who: object, job: object, contract: object, when: date, days: int, net: float
) -> tuple[object, ...]:
    net, vat = round(net, 2), round(net * 0.2, 2)
    paid = when + timedelta(days=max(0, int(random.gauss(days * 0.9, days * 0.6))))
    if paid > TODAY or random.random() < 0.03:
        return number, who, job, contract, f"{when}", f"{when + timedelta(days=days)}", net, vat, None, None, None
    how = random.choices(("bank", "card", "cash", "cheque", "dd"), (40, 36, 8, 3, 0) if job else (20, 15, 1, 2, 50))[0]
    amount = round((net + vat) * (0.5 if random.random() < 0.015 else 1), 2)
    return number, who, job, contract, f"{when}", f"{when + timedelta(days=days)}", net, vat, f"{paid}", amount, how


REMOVALS = Stranger("removals", DDL, rows, seed=73)
