"""A theatre company with two houses: the store of a web application, whole words, money in cents, most links told."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE price_bands (id INTEGER PRIMARY KEY, house TEXT NOT NULL, name TEXT NOT NULL, seats INTEGER,
    full_price_cents INTEGER, is_step_free INTEGER, is_restricted_view INTEGER);
CREATE TABLE productions (id INTEGER PRIMARY KEY, title TEXT NOT NULL, playwright TEXT, genre TEXT, house TEXT,
    origin TEXT, partner_company TEXT, budget_cents INTEGER, running_time_minutes INTEGER, has_interval INTEGER,
    minimum_age INTEGER, opens_on TEXT, closes_on TEXT);
CREATE TABLE performances (id INTEGER PRIMARY KEY, production_id INTEGER NOT NULL REFERENCES productions (id),
    starts_at TEXT NOT NULL, status TEXT, is_matinee INTEGER, is_captioned INTEGER, is_relaxed INTEGER,
    is_press_night INTEGER, cancellation_reason TEXT);
CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, email TEXT, phone TEXT, town TEXT,
    wants_newsletter INTEGER, has_access_needs INTEGER, created_at TEXT);
CREATE TABLE memberships (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), tier TEXT,
    status TEXT, annual_fee_cents INTEGER, auto_renews INTEGER, started_at TEXT, ended_at TEXT);
CREATE TABLE ticket_orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
    performance_id INTEGER NOT NULL REFERENCES performances (id), channel TEXT, status TEXT, payment_method TEXT,
    promo_code TEXT, total_cents INTEGER, placed_at TEXT);
CREATE TABLE order_items (id INTEGER PRIMARY KEY, ticket_order_id INTEGER NOT NULL REFERENCES ticket_orders (id),
    price_band_id INTEGER REFERENCES price_bands (id), ticket_type TEXT, quantity INTEGER, unit_price_cents INTEGER,
    admitted_count INTEGER);
CREATE TABLE refunds (id INTEGER PRIMARY KEY, ticket_order_id INTEGER NOT NULL REFERENCES ticket_orders (id),
    reason TEXT, status TEXT, amount_cents INTEGER, requested_at TEXT, paid_at TEXT);
CREATE TABLE artists (id INTEGER PRIMARY KEY, name TEXT NOT NULL, profession TEXT, agent_name TEXT,
    is_resident INTEGER, created_at TEXT);
CREATE TABLE engagements (id INTEGER PRIMARY KEY, production_id INTEGER NOT NULL REFERENCES productions (id),
    artist_id INTEGER NOT NULL REFERENCES artists (id), department TEXT, role_name TEXT, is_understudy INTEGER,
    weekly_fee_cents INTEGER);
CREATE TABLE donations (id INTEGER PRIMARY KEY, customer_id INTEGER, campaign TEXT, amount_cents INTEGER,
    is_gift_aided INTEGER, payment_method TEXT, message TEXT, donated_at TEXT);
CREATE TABLE bar_sales (id INTEGER PRIMARY KEY, performance_id INTEGER, bar TEXT, category TEXT, product TEXT,
    quantity INTEGER, total_cents INTEGER, payment_method TEXT, sold_at TEXT);
"""

TODAY = datetime(2025, 11, 15, 18, 0)
BANDS = [
    (1, "Main House", "Premium Stalls", 64, 4800, 1, 0), (2, "Main House", "Stalls", 148, 3800, 1, 0),
    (3, "Main House", "Dress Circle", 96, 3400, 0, 0), (4, "Main House", "Upper Circle", 72, 2400, 0, 0),
    (5, "Main House", "Gallery", 40, 1400, 0, 1), (6, "Main House", "Box", 16, 5600, 0, 1),
    (7, "Studio", "Front Rows", 36, 2200, 1, 0), (8, "Studio", "General", 58, 1800, 1, 0),
    (9, "Studio", "Side Bench", 14, 1200, 0, 1),
]  # fmt: skip
WEIGHTS = {"Main House": (14, 34, 22, 16, 9, 4), "Studio": (34, 54, 12)}
# title, playwright, genre, origin, partner, budget in thousands, minutes, interval, minimum age, opening
MAIN = [
    ("The Importance of Being Earnest", "Oscar Wilde", "comedy", "in_house", None, 88, 145, 1, None, "2021-06-10"),
    ("The Tempest", "William Shakespeare", "drama", "co_production", "Northgate Playhouse", 96, 160, 1, 8,
    "2021-09-16"),
    ("Cinderella", "Bea Holloway", "pantomime", "in_house", None, 168, 125, 1, None, "2021-11-27"),
    ("A Doll's House", "Henrik Ibsen", "drama", "in_house", None, 74, 155, 1, 12, "2022-02-10"),
    ("Macbeth", "William Shakespeare", "tragedy", "in_house", None, 103, 140, 0, 12, "2022-04-21"),
    ("Harbour Lights", "Joss Merriman", "musical", "co_production", "Tidewater Theatre", 187, 150, 1, 8, "2022-07-07"),
    ("The Seagull", "Anton Chekhov", "drama", "in_house", None, 82, 165, 1, 12, "2022-09-22"),
    ("Sleeping Beauty", "Bea Holloway", "pantomime", "in_house", None, 176, 120, 1, None, "2022-11-26"),
    ("Tartuffe", "Molière", "comedy", "visiting", "Compagnie du Pont", None, 115, 1, 12, "2023-02-16"),
    ("Hedda Gabler", "Henrik Ibsen", "tragedy", "in_house", None, 79, 150, 1, 14, "2023-04-27"),
    ("The Pirates of Penzance", "W. S. Gilbert", "musical", "in_house", None, 158, 135, 1, None, "2023-07-06"),
    ("Pygmalion", "George Bernard Shaw", "comedy", "co_production", "Northgate Playhouse", 91, 158, 1, 10,
    "2023-09-21"),
    ("Jack and the Beanstalk", "Bea Holloway", "pantomime", "in_house", None, 181, 122, 1, None, "2023-11-25"),
    ("Hamlet", "William Shakespeare", "tragedy", "in_house", None, 118, 195, 1, 12, "2024-02-15"),
    ("Uncle Vanya", "Anton Chekhov", "drama", "visiting", "The Ferry Players", None, 148, 1, 12, "2024-04-25"),
    ("The Lamplighters", "Joss Merriman", "musical", "in_house", None, 203, 154, 1, 8, "2024-07-04"),
    ("The Government Inspector", "Nikolai Gogol", "comedy", "in_house", None, 86, 138, 1, 10, "2024-09-19"),
    ("Aladdin", "Ross Tindall", "pantomime", "in_house", None, 212, 128, 1, None, "2024-11-30"),
    ("Romeo and Juliet", "William Shakespeare", "tragedy", "co_production", "Tidewater Theatre", 121, 162, 1, 12,
    "2025-03-06"),
    ("Copper & Silk", "Ida Penhale", "musical", "in_house", None, 195, 147, 1, 10, "2025-06-12"),
    ("An Ideal Husband", "Oscar Wilde", "comedy", "in_house", None, 89, 152, 1, 10, "2025-09-25"),
    ("Dick Whittington", "Ross Tindall", "pantomime", "in_house", None, 208, 126, 1, None, "2025-11-29"),
]  # fmt: skip
STUDIO = [
    ("The Salt Ledger", "Marged Pryce", "new_writing", "in_house", None, 22, 85, 0, 14, "2021-07-15"),
    ("Miss Julie", "August Strindberg", "tragedy", "in_house", None, 19, 90, 0, 14, "2021-10-14"),
    ("Night Bus to Kesterby", "Callum Oyelaran", "new_writing", "in_house", None, 24, 80, 0, 14, "2022-01-20"),
    ("Paper Boats", "Ida Penhale", "family", "visiting", "Puddle Theatre", None, 55, 0, 3, "2022-04-07"),
    ("Antigone", "Sophocles", "tragedy", "co_production", "Northgate Playhouse", 31, 95, 0, 12, "2022-06-16"),
    ("What the Tide Took", "Marged Pryce", "new_writing", "in_house", None, 27, 100, 0, 12, "2022-10-13"),
    ("The Bear and Other Farces", "Anton Chekhov", "comedy", "in_house", None, 18, 105, 1, 10, "2023-01-26"),
    ("Small Hours", "Teo Lascelles", "drama", "visiting", "Ninth Floor", None, 75, 0, 16, "2023-03-23"),
    ("Moon Rabbit", "Ida Penhale", "family", "in_house", None, 26, 50, 0, 4, "2023-06-01"),
    ("Woyzeck", "Georg Büchner", "tragedy", "in_house", None, 23, 88, 0, 16, "2023-10-12"),
    ("Three Women Waiting", "Rukmini Dass", "new_writing", "in_house", None, 28, 92, 0, 14, "2024-01-25"),
    ("The Locksmith", "Teo Lascelles", "drama", "co_production", "Ninth Floor", 30, 98, 0, 14, "2024-03-21"),
    ("Dust", "Callum Oyelaran", "new_writing", "in_house", None, 25, 70, 0, 14, "2024-06-06"),
    ("The Yellow Wallpaper", "Greta Saville", "drama", "in_house", None, 21, 78, 0, 14, "2024-10-10"),
    ("Hen House", "Rukmini Dass", "comedy", "visiting", "The Ferry Players", None, 82, 0, 12, "2025-02-06"),
    ("Signal Failure", "Callum Oyelaran", "new_writing", "in_house", None, 29, 94, 0, 14, "2025-05-08"),
    ("The Little Match Girl", "Greta Saville", "family", "in_house", None, 33, 60, 0, 5, "2025-10-16"),
]  # fmt: skip
PARTS = {
    "Hamlet": ("Hamlet", "Ophelia", "Gertrude", "Claudius", "Polonius", "Horatio", "Laertes"),
    "Macbeth": ("Macbeth", "Lady Macbeth", "Banquo", "Macduff", "Duncan", "First Witch"),
    "Romeo and Juliet": ("Romeo", "Juliet", "Mercutio", "Tybalt", "Nurse", "Friar Laurence"),
    "The Tempest": ("Prospero", "Miranda", "Ariel", "Caliban", "Ferdinand"),
    "Hedda Gabler": ("Hedda Gabler", "George Tesman", "Judge Brack", "Eilert Lovborg", "Thea Elvsted"),
    "Cinderella": ("Cinderella", "Prince Charming", "Fairy Godmother", "Ugly Sister", "Buttons"),
    "Aladdin": ("Aladdin", "Widow Twankey", "Abanazar", "Genie of the Lamp", "Princess Jasmine"),
    "A Doll's House": ("Nora Helmer", "Torvald Helmer", "Doctor Rank", "Krogstad", "Mrs Linde"),
}
COMMON = (
    "Anna", "The Mother", "The Doctor", "Young Man", "The Neighbour", "Constable", "The Stranger", "Servant",
    "Aunt Dora",
    "The Captain", "Schoolteacher", "Narrator", "Grandfather", "The Widow", "Postman", "Landlady",
)  # fmt: skip
CREW = (
    ("director", "creative", "Director", 1.0, 95000), ("designer", "creative", "Set Designer", 0.95, 78000),
    ("designer", "creative", "Costume Designer", 0.7, 69000), ("designer", "creative", "Lighting Designer", 0.9, 72000),
    ("designer", "creative", "Sound Designer", 0.6, 66000),
    ("stage_manager", "stage_management", "Stage Manager", 1.0, 64000),
    ("stage_manager", "stage_management", "Deputy Stage Manager", 0.75, 56000),
    ("technician", "technical", "Lighting Operator", 0.85, 49000),
    ("technician", "technical", "Sound Operator", 0.7, 48000),
    ("technician", "technical", "Fly Operator", 0.4, 47000),
)  # fmt: skip
TOWNS = (
    "Kesterby",
    "Oldmere",
    "Port Wyn",
    "Hallam Green",
    "Thornleigh",
    "Ashcombe",
    "Saint Brannoc",
    "Little Dene",
    None,
)
FEES = {"friend": 4500, "supporter": 12000, "patron": 50000, "under_26": 1500}
PRODUCTS = [
    ("wine", "House Red", 620, 20), ("wine", "House White", 620, 23), ("wine", "Prosecco", 780, 15),
    ("beer", "Lager", 560, 18), ("beer", "Pale Ale", 590, 14), ("spirits", "Gin and Tonic", 850, 13),
    ("spirits", "Whisky", 790, 5), ("soft_drinks", "Lemonade", 320, 9), ("soft_drinks", "Sparkling Water", 280, 11),
    ("hot_drinks", "Coffee", 310, 12), ("hot_drinks", "Tea", 270, 8), ("snacks", "Crisps", 180, 10),
    ("snacks", "Olives", 380, 4), ("ice_cream", "Vanilla Tub", 400, 16), ("ice_cream", "Chocolate Tub", 400, 13),
]  # fmt: skip
Row = tuple[object, ...]


def rows(random: Random) -> Rows:
    productions = _productions(random)
    performances = _performances(random, productions)
    memberships = _memberships(random)
    orders, items = _orders(random, productions, performances, memberships)
    donations = [_donation(random, number) for number in range(1, 331)]
    artists = _artists(random)
    return {
        "price_bands": BANDS, "productions": productions, "performances": performances,
        "customers": _customers(random, orders, memberships, donations), "memberships": memberships,
        "ticket_orders": orders, "order_items": items, "refunds": _refunds(random, orders, performances),
        "artists": artists, "engagements": _engagements(random, productions, artists), "donations": donations,
        "bar_sales": _bar_sales(random, productions, performances),
    }  # fmt: skip


def _productions(random: Random) -> list[Row]:
    plans = [("Main House", *plan) for plan in MAIN] + [("Studio", *plan) for plan in STUDIO]
    made: list[Row] = []
    for number, (house, title, by, genre, origin, partner, budget, minutes, interval, age, opens) in enumerate(
        sorted(plans, key=lambda plan: str(plan[-1])), 1
    ):
        run = 31 if genre == "pantomime" else random.randint(15, 23) if house == "Main House" else random.randint(8, 13)
        closes = date.fromisoformat(opens) + timedelta(days=run)
        cost = None if budget is None else budget * 100_000 + random.randint(-40, 40) * 1000
        made.append(
            (number, title, by, genre, house, origin, partner, cost, minutes, interval, age, opens, f"{closes}")
        )
    return made


def _performances(random: Random, productions: list[Row]) -> list[Row]:
    made: list[Row] = []
    for production in productions:
        when, last = (date.fromisoformat(str(production[i])) for i in (11, 12))
        pantomime, studio, pressed = production[3] == "pantomime", production[4] == "Studio", False
        while when <= last:
            slots = []
            if (when.weekday() in (2, 5) or pantomime) and random.random() < (0.55 if pantomime else 0.6):
                slots.append(time(14, 30))
            if when.weekday() != 0 and (not pressed or random.random() < (0.5 if pantomime else 0.74)):
                slots.append(time(20, 0) if studio else time(19, 30))
            for slot in slots if (when.month, when.day) != (12, 25) else []:
                starts, matinee = datetime.combine(when, slot), slot.hour == 14
                press = not matinee and not pressed and production[5] != "visiting"
                pressed = pressed or not matinee
                bad = random.random() < (0.11 if when < date(2022, 3, 1) else 0.035) and not press
                why = (
                    random.choice(("cast illness", "cast illness", "technical failure", "severe weather"))
                    if bad
                    else None
                )
                status = "cancelled" if bad and starts < TODAY else "scheduled" if starts > TODAY else "played"
                relaxed = int(matinee and random.random() < 0.16)
                captioned = int(not press and random.random() < 0.09)
                made.append((
                    len(made) + 1, production[0], starts.isoformat(), status, int(matinee), captioned, relaxed,
                    int(press),
                    why if status == "cancelled" else None,
                ))  # fmt: skip
            when += timedelta(days=1)
    return made


def _stamp(random: Random, on: date, first: int = 9, last: int = 21) -> datetime:
    return datetime(
        on.year, on.month, on.day, random.randint(first, last), random.randint(0, 59), random.randint(0, 59)
    )


def _memberships(random: Random) -> list[Row]:
    made: list[Row] = []
    for customer in random.sample(range(1, 620), 165):
        tier = random.choices(tuple(FEES), (52, 21, 13, 14))[0]
        started = day(random, date(2021, 2, 1), date(2025, 10, 20))
        if random.random() < 0.16 and started > date(2022, 6, 1):
            before = started - timedelta(days=random.randint(370, 500))
            made.append((
                0, customer, "friend", "lapsed", 4500, 0, _stamp(random, before).isoformat(),
                _stamp(random, started - timedelta(days=random.randint(1, 5))).isoformat(),
            ))  # fmt: skip
        year_on = started + timedelta(days=365 * random.randint(1, 3))
        status = (
            "active"
            if year_on > TODAY.date() or random.random() < 0.42
            else random.choice(("lapsed", "lapsed", "cancelled"))
        )
        ended = None if status == "active" else _stamp(random, year_on).isoformat()
        fee, renews = FEES[tier], int(random.random() < (0.7 if status == "active" else 0.1))
        made.append((0, customer, tier, status, fee, renews, _stamp(random, started).isoformat(), ended))
    made.sort(key=lambda row: str(row[6]))
    return [(number, *row[1:]) for number, row in enumerate(made, 1)]


def _orders(
    random: Random, productions: list[Row], performances: list[Row], memberships: list[Row]
) -> tuple[list[Row], list[Row]]:
    about = {row[0]: row for row in productions}
    pull = {row[0]: random.lognormvariate(0, 0.5) * (1.5 if row[4] == "Main House" else 0.8) for row in productions}
    nights = random.choices(performances, [pull[row[1]] for row in performances], k=1300)
    drawn = sorted(((_placed(random, night), night) for night in nights), key=lambda pair: pair[0])
    orders: list[Row] = []
    items: list[Row] = []
    for placed, night in drawn:
        number = len(orders) + 1
        same_day = placed.date() == datetime.fromisoformat(str(night[2])).date()
        channel = random.choices(
            ("website", "box_office", "phone", "agency"), (20, 70, 8, 2) if same_day else (61, 17, 15, 7)
        )[0]
        customer = None if channel == "box_office" and random.random() < 0.55 else int(random.random() ** 1.9 * 575) + 1
        if night[3] == "cancelled":
            status = random.choices(("refunded", "paid"), (82, 18))[0]
        else:
            status = random.choices(("paid", "cancelled", "refunded"), (91, 6, 3))[0]
        if night[3] == "scheduled" and random.random() < 0.12:
            status = "reserved"
        member = any(
            m[1] == customer and str(m[6]) <= placed.isoformat() and (m[7] is None or str(m[7]) > placed.isoformat())
            for m in memberships
        )
        lines = _items(random, about[night[1]], member, status, str(night[3]))
        items += [(len(items) + i, number, *line) for i, line in enumerate(lines, 1)]
        total = sum(int(str(line[2])) * int(str(line[3])) for line in lines)
        pay = random.choices(("card", "cash", "gift_voucher"), (60, 36, 4) if channel == "box_office" else (93, 0, 7))[
            0
        ]
        promo = random.choice(("EARLYBIRD", "STUDIO10", "LOCALS", "XMAS21")) if random.random() < 0.1 else None
        orders.append(
            (
                number,
                customer,
                night[0],
                channel,
                status,
                None if status == "reserved" else pay,
                promo,
                total,
                placed.isoformat(),
            )
        )
    return orders, items


def _placed(random: Random, night: Row) -> datetime:
    starts = datetime.fromisoformat(str(night[2]))
    ahead = 0 if random.random() < 0.13 else min(int(random.expovariate(1 / 24)) + 1, 120)
    if not ahead:
        placed = _stamp(random, starts.date(), 9 if night[4] else 10, 13 if night[4] else 18)
    else:
        placed = _stamp(random, starts.date() - timedelta(days=ahead))
    return placed if placed < TODAY else _stamp(random, day(random, date(2025, 10, 1), date(2025, 11, 14)))


def _items(random: Random, production: Row, member: bool, status: str, night: str) -> list[Row]:
    bands = [band for band in BANDS if band[1] == production[4]]
    factor = {"musical": 1.2, "pantomime": 1.1, "new_writing": 0.9, "family": 0.8}.get(str(production[3]), 1.0)
    young = production[3] in ("pantomime", "family")
    band = random.choices(bands, WEIGHTS[str(production[4])])[0]
    kinds = ["member" if member else random.choices(("full_price", "concession", "complimentary"), (78, 18, 4))[0]]
    kinds += ["child"] if random.random() < (0.7 if young else 0.05) else []
    kinds += (
        ["concession"] if "concession" not in kinds and "complimentary" not in kinds and random.random() < 0.24 else []
    )
    lines: list[Row] = []
    for kind in kinds:
        many = random.choices(
            (1, 2, 3, 4, 5, 12, 26), (24, 46, 11, 12, 4, 2, 1) if kind != "complimentary" else (50, 50, 0, 0, 0, 0, 0)
        )[0]
        cut = {"full_price": 1.0, "concession": 0.75, "member": 0.8, "child": 0.5, "complimentary": 0.0}[kind]
        price = int(band[4] * factor * cut / 50) * 50
        seen = None
        if night == "played" and status == "paid":
            seen = many if random.random() < 0.9 else random.randint(0, many)
        lines.append((band[0], kind, many, price, seen))
    return lines


def _donation(random: Random, number: int) -> Row:
    on = day(random, date(2021, 3, 1), date(2025, 11, 14))
    campaign = random.choices(
        ("Raise the Roof", "New Writing Fund", "Youth Theatre", "General Fund"), (29, 14, 22, 35)
    )[0]
    customer = None if random.random() < 0.14 else int(random.random() ** 1.6 * 600) + 1
    amount = random.choices((500, 1000, 2000, 2500, 5000, 10000, 25000, 100000), (14, 22, 17, 9, 17, 12, 6, 3))[0]
    if random.random() < 0.12:
        amount += random.randint(1, 900) * 50
    amount = {71: 750000, 204: 1200000, 266: 480000}.get(number, amount)
    customer = 38 if number == 204 else customer
    aided = int(customer is not None and random.random() < 0.55)
    note = (
        random.choice(("In memory of my father", "For the young ones", "Keep going!", "Thank you for the shows"))
        if random.random() < 0.13
        else None
    )
    return (
        number,
        customer,
        campaign,
        amount,
        aided,
        random.choices(("card", "bank_transfer", "cash", "cheque"), (58, 22, 13, 7))[0],
        note,
        _stamp(random, on).isoformat(),
    )


def _customers(random: Random, orders: list[Row], memberships: list[Row], donations: list[Row]) -> list[Row]:
    names = people(random, 645)
    if "Olga Petrov" in names:
        names.remove("Olga Petrov")
    names = names[:640]
    names[53] = "Olga Petrov"
    first: dict[object, str] = defaultdict(
        lambda: _stamp(random, day(random, date(2021, 2, 1), date(2025, 11, 10))).isoformat()
    )
    for customer, when in [
        *((o[1], o[8]) for o in orders),
        *((m[1], m[6]) for m in memberships),
        *((d[1], d[7]) for d in donations),
    ]:
        first[customer] = min(first[customer], str(when)) if customer in first else str(when)
    made: list[Row] = []
    for number, name in enumerate(names, 1):
        since = datetime.fromisoformat(first[number]) - timedelta(
            minutes=random.choice((3, 6, 9, 60 * 24 * 5, 60 * 24 * 17))
        )
        mail = (
            None
            if random.random() < 0.09
            else f"{name.lower().replace(' ', '.')}@{random.choice(('mail.example', 'post.example', 'inbox.example'))}"
        )
        phone = (
            f"0{random.randint(20, 79)} {random.randint(1000, 9999)} {random.randint(100, 999)}"
            if random.random() < 0.62 or number == 54
            else None
        )
        town = random.choices(TOWNS, (38, 15, 12, 9, 8, 6, 4, 2, 6))[0]
        made.append(
            (
                number,
                name,
                mail,
                phone,
                town,
                int(mail is not None and random.random() < 0.58),
                int(random.random() < 0.06),
                since.isoformat(),
            )
        )
    return made


def _refunds(random: Random, orders: list[Row], performances: list[Row]) -> list[Row]:
    nights = {row[0]: row for row in performances}
    made: list[Row] = []
    for order in orders:
        night, total = nights[order[2]], int(str(order[7]))
        off, starts = night[3] == "cancelled", datetime.fromisoformat(str(night[2]))
        if order[4] == "refunded" and total:
            reason = (
                "performance_cancelled"
                if off
                else random.choices(("customer_illness", "duplicate_booking", "change_of_plans"), (5, 3, 4))[0]
            )
            status, amount = "paid", total
        elif order[4] == "paid" and total and (off or random.random() < 0.045):
            reason = (
                "performance_cancelled"
                if off
                else random.choice(
                    ("restricted_view_complaint", "late_start", "customer_illness", "change_of_plans")[
                        2 * (starts > TODAY) :
                    ]
                )
            )
            status = (
                random.choices(("pending", "rejected"), (75, 25))[0]
                if starts > datetime(2025, 2, 1)
                else random.choices(("rejected", "paid"), (6, 4))[0]
            )
            amount = total if reason != "late_start" else total // 200 * 100
        else:
            continue
        placed = datetime.fromisoformat(str(order[8]))
        base = starts if off or reason in ("late_start", "restricted_view_complaint") else placed
        asked = min(base + timedelta(hours=random.randint(2, 90), minutes=random.randint(0, 59)), TODAY)
        paid = (
            (asked + timedelta(days=random.randint(1, 12), hours=random.randint(0, 5))).isoformat()
            if status == "paid"
            else None
        )
        made.append((0, order[0], reason, status, amount, asked.isoformat(), paid))
    made.sort(key=lambda row: str(row[5]))
    return [(number, *row[1:]) for number, row in enumerate(made, 1)]


def _artists(random: Random) -> list[Row]:
    kinds = (
        ["actor"] * 62
        + ["director"] * 7
        + ["designer"] * 11
        + ["stage_manager"] * 8
        + ["technician"] * 11
        + ["musician"] * 9
    )
    random.shuffle(kinds)
    agents = people(random, 6)
    made: list[Row] = []
    for number, (name, kind) in enumerate(zip(people(random, len(kinds)), kinds, strict=True), 1):
        agent = (
            random.choice(agents)
            if random.random() < {"actor": 0.75, "director": 0.5, "designer": 0.4}.get(kind, 0.0)
            else None
        )
        resident = int(random.random() < (0.6 if kind in ("technician", "stage_manager") else 0.08))
        made.append(
            (
                number,
                name,
                kind,
                agent,
                resident,
                _stamp(random, day(random, date(2021, 1, 11), date(2021, 5, 28))).isoformat(),
            )
        )
    return made


def _engagements(random: Random, productions: list[Row], artists: list[Row]) -> list[Row]:
    pool: dict[object, list[object]] = defaultdict(list)
    for artist in artists:
        pool[artist[2]].append(artist[0])
    resident = {artist[0] for artist in artists if artist[4]}
    made: list[Row] = []
    for production in productions:
        main, taken = production[4] == "Main House", set[object]()

        def pick(kind: str, taken: set[object] = taken) -> object:
            free = [one for one in pool[kind][: -2 if kind != "director" else None] if one not in taken]
            chosen = free[int(random.random() ** (1.8 if kind == "director" else 1.35) * len(free))]
            taken.add(chosen)
            return chosen

        def engage(who: object, department: str, role: str, under: int, fee: int, production: Row = production) -> None:
            paid = None if who in resident else int(fee * random.uniform(0.85, 1.2) / 500) * 500
            made.append((len(made) + 1, production[0], who, department, role, under, paid))

        parts = PARTS.get(str(production[1])) or random.sample(
            COMMON, random.randint(5, 9) if main else random.randint(2, 4)
        )
        for part in parts:
            engage(pick("actor"), "cast", part, 0, 62000 if main else 51000)
        for part in random.sample(parts, random.choice((1, 1, 2)) if random.random() < (0.72 if main else 0.3) else 0):
            engage(pick("actor"), "cast", part, 1, 42000)
        for kind, department, role, chance, fee in CREW:
            if random.random() < chance * (1 if main or chance == 1.0 else 0.75):
                engage(pick(kind), department, role, 0, fee if main else int(fee * 0.8))
        for role in (
            ("Musical Director", "Pianist", "Violinist", "Percussionist")
            if production[3] in ("musical", "pantomime")
            else ()
        ):
            engage(pick("musician"), "band", role, 0, 58000)
    return made


def _bar_sales(random: Random, productions: list[Row], performances: list[Row]) -> list[Row]:
    about = {row[0]: row for row in productions}
    played = [row for row in performances if row[3] == "played"]
    made: list[Row] = []
    for _ in range(1850):
        daytime = random.random() < 0.1
        night = (
            random.choices(played, [5 if about[row[1]][4] == "Main House" else 2 for row in played])[0]
            if not daytime
            else None
        )
        if night is None:
            on = day(random, date(2021, 6, 12), date(2025, 11, 14))
            bar, sold = "Foyer Bar", _stamp(random, on, 10, 15)
        else:
            starts = datetime.fromisoformat(str(night[2]))
            sold = starts + timedelta(
                minutes=random.choice((random.randint(-55, -3), random.randint(60, 85))), seconds=random.randint(0, 59)
            )
            bar = (
                "Studio Bar"
                if about[night[1]][4] == "Studio"
                else random.choices(("Foyer Bar", "Circle Bar"), (62, 38))[0]
            )
        category, product, price, _weight = random.choices(PRODUCTS, [row[3] for row in PRODUCTS])[0]
        many = random.choices((1, 2, 3, 4, 6), (38, 41, 10, 8, 3))[0]
        each = price + (30 if sold.year >= 2023 else 0) + (40 if sold.year >= 2025 else 0)
        made.append(
            (
                0,
                night and night[0],
                bar,
                category,
                product,
                many,
                many * each,
                random.choices(("card", "cash"), (86, 14))[0],
                sold.isoformat(),
            )
        )
    made.sort(key=lambda row: str(row[8]))
    return [(number, *row[1:]) for number, row in enumerate(made, 1)]


THEATRE = Stranger("theatre", DDL, rows, seed=67)
