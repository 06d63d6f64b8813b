"""A small regional airline: the trade's abbreviations, singular tables, cents and decimals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people, person
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE apt (apt_cd TEXT PRIMARY KEY, apt_nm TEXT, city TEXT, ctry TEXT, rwy_len_m INTEGER, elev_ft INTEGER,
    is_base INTEGER);
CREATE TABLE route (rte_id INTEGER PRIMARY KEY, flt_no TEXT, dep_apt TEXT REFERENCES apt (apt_cd),
    arr_apt TEXT REFERENCES apt (apt_cd), dist_nm INTEGER, blk_min INTEGER, start_dt DATE, end_dt DATE,
    pso_flg INTEGER);
CREATE TABLE ac_type (type_cd TEXT PRIMARY KEY, mfr TEXT, model TEXT, seat_cap INTEGER, mtow_kg INTEGER,
    cruise_kt INTEGER);
CREATE TABLE ac (ac_reg TEXT PRIMARY KEY, type_cd TEXT REFERENCES ac_type (type_cd), msn INTEGER, mfd_yr INTEGER,
    ac_nm TEXT, fin TEXT, dlv_dt DATE, exit_dt DATE);
CREATE TABLE flt (flt_id INTEGER PRIMARY KEY, rte_id INTEGER REFERENCES route (rte_id), ac_reg TEXT, std TIMESTAMP,
    sta TIMESTAMP, atd TIMESTAMP, ata TIMESTAMP, dly_min INTEGER, dly_rsn TEXT, cnx_flg INTEGER, cnx_rsn TEXT,
    pax_brd INTEGER);
CREATE TABLE pax (pax_id INTEGER PRIMARY KEY, full_nm TEXT, dob DATE, nat TEXT, email TEXT, ff_no TEXT, ff_tier TEXT,
    ff_pts INTEGER);
CREATE TABLE bkg (pnr TEXT PRIMARY KEY, lead_pax_id INTEGER, bkd_on DATE, chnl TEXT, party_sz INTEGER, pay_mtd TEXT,
    bkg_stat TEXT);
CREATE TABLE tkt (tkt_no TEXT PRIMARY KEY, pnr TEXT REFERENCES bkg (pnr), pax_id INTEGER,
    flt_id INTEGER REFERENCES flt (flt_id), fare_cls TEXT, fare_cts INTEGER, tax_cts INTEGER, bag_pcs INTEGER,
    seat_no TEXT, tkt_stat TEXT);
CREATE TABLE crew (crew_id INTEGER PRIMARY KEY, full_nm TEXT, rank_cd TEXT, base_apt TEXT, hire_dt DATE, left_dt DATE,
    lic_exp_dt DATE);
CREATE TABLE duty (duty_id INTEGER PRIMARY KEY, crew_id INTEGER REFERENCES crew (crew_id), flt_id INTEGER, pos TEXT,
    rpt_at TIMESTAMP, rls_at TIMESTAMP, duty_min INTEGER);
CREATE TABLE mx_chk (chk_id INTEGER PRIMARY KEY, ac_reg TEXT REFERENCES ac (ac_reg), chk_typ TEXT, mro TEXT,
    apt_cd TEXT, in_dt DATE, out_dt DATE, man_hrs REAL, findings INTEGER, cost_eur DECIMAL(10,2));
CREATE TABLE fuel_upl (upl_id INTEGER PRIMARY KEY, flt_id INTEGER, apt_cd TEXT, upl_dt DATE, supplier TEXT,
    ltr INTEGER, cost_eur DECIMAL(10,2));
"""

APTS = [
    ("ZAG", "Franjo Tudman", "Zagreb", "Croatia", 3252, 353, 1),
    ("SPU", "Saint Jerome", "Split", "Croatia", 2550, 79, 1),
    ("DBV", "Ruder Boskovic", "Dubrovnik", "Croatia", 3300, 527, 0),
    ("ZAD", "Zemunik", "Zadar", "Croatia", 2500, 289, 1),
    ("PUY", "Pula Airport", "Pula", "Croatia", 2946, 274, 0),
    ("RJK", "Rijeka Airport", "Rijeka", "Croatia", 2500, 278, 0),
    ("OSI", "Klisa", "Osijek", "Croatia", 2500, 290, 0), ("BWK", "Bol", "Brac", "Croatia", 1760, 1776, 0),
    ("LJU", "Joze Pucnik", "Ljubljana", "Slovenia", 3300, 1273, 0),
    ("GRZ", "Thalerhof", "Graz", "Austria", 3000, 1115, 0),
    ("TRS", "Friuli Venezia Giulia", "Trieste", "Italy", 3000, 39, 0),
    ("AOI", "Marche", "Ancona", "Italy", 2965, 49, 0),
    ("BRI", "Karol Wojtyla", "Bari", "Italy", 2820, 177, 0),
    ("SJJ", "Sarajevo International", "Sarajevo", "Bosnia and Herzegovina", 2600, 1708, 0),
    ("TIV", "Tivat Airport", "Tivat", "Montenegro", 2500, 20, 0),
    ("LNZ", "Blue Danube", "Linz", "Austria", 3000, 978, 0),
]  # fmt: skip
PAIRS = [
    ("ZAG", "SPU", 139, 50, "2021-03-01", None, 0, 20), ("ZAG", "DBV", 213, 60, "2021-03-01", None, 0, 18),
    ("ZAG", "ZAD", 103, 45, "2021-03-01", None, 1, 10), ("ZAD", "PUY", 71, 35, "2021-03-15", None, 1, 7),
    ("ZAG", "BWK", 150, 55, "2021-05-20", None, 0, 5), ("SPU", "AOI", 118, 50, "2021-06-01", None, 0, 6),
    ("SPU", "BRI", 134, 55, "2021-06-10", None, 0, 5), ("ZAG", "SJJ", 157, 55, "2021-09-01", None, 0, 8),
    ("OSI", "DBV", 178, 60, "2021-04-05", "2023-10-28", 1, 5),
    ("OSI", "RJK", 176, 60, "2021-04-06", "2022-10-29", 1, 3),
    ("SPU", "LJU", 171, 60, "2022-04-01", None, 0, 6), ("SPU", "GRZ", 211, 65, "2022-05-10", "2024-09-30", 0, 4),
    ("ZAG", "TIV", 226, 65, "2023-05-01", None, 0, 5), ("ZAD", "TRS", 104, 45, "2024-04-08", None, 0, 4),
    ("ZAG", "LNZ", 161, 60, "2026-03-30", None, 0, 0),
]  # fmt: skip
TYPES = [
    ("AT7", "ATR", "ATR 72-600", 72, 23000, 276), ("AT4", "ATR", "ATR 42-600", 48, 18600, 300),
    ("DH4", "De Havilland", "Dash 8-400", 76, 29574, 360), ("SF3", "Saab", "Saab 340B", 34, 13155, 282),
    ("E70", "Embraer", "E170", 76, 37200, 430),
]  # fmt: skip
FLEET = [
    ("9A-JDA", "AT7", 1214, 2014, "Bura", "OWN", "2014-11-20", None),
    ("9A-JDB", "AT7", 1266, 2015, "Jugo", "OWN", "2015-06-03", None),
    ("9A-JDC", "AT7", 1502, 2018, "Maestral", "LSE", "2021-02-12", None),
    ("9A-JDD", "AT4", 1019, 2013, "Tramontana", "OWN", "2016-03-30", None),
    ("9A-JDE", "AT4", 1207, 2016, None, "LSE", "2019-05-17", None),
    ("9A-JDF", "DH4", 4205, 2008, "Levant", "OWN", "2012-04-24", "2024-02-15"),
    ("9A-JDG", "DH4", 4211, 2009, "Lebic", "LSE", "2013-01-09", None),
    ("9A-JDH", "SF3", 432, 1997, "Nevera", "OWN", "2011-08-02", "2022-10-31"),
    ("9A-JDI", "SF3", 451, 1998, None, "OWN", "2011-09-13", None),
    ("9A-JDK", "AT7", 1651, 2021, None, "LSE", "2023-03-21", None),
    ("9A-JDL", "AT7", 1688, 2023, "Garbin", "LSE", "2025-04-11", None),
]  # fmt: skip
SEATS = {kind[0]: kind[3] for kind in TYPES}
SEASON = (5, 5, 6, 8, 10, 13, 16, 16, 12, 8, 5, 6)
NATS = ("HR", "DE", "AT", "IT", "SI", "BA", "GB", "FR", "US")
LAST = date(2025, 10, 31)


def rows(random: Random) -> Rows:
    routes = _routes()
    flights = _flights(random, routes)
    crew = _crew(random)
    names = people(random, 540)
    guests = [_guest(random, number, names[number - 1]) for number in range(1, 541)]
    bookings, tickets = _sales(random, flights, routes)
    return {
        "apt": APTS, "route": routes, "ac_type": TYPES, "ac": FLEET, "flt": flights, "pax": guests, "bkg": bookings,
        "tkt": tickets, "crew": crew, "duty": _duties(random, flights, crew), "mx_chk": _checks(random),
        "fuel_upl": _uplifts(random, flights, routes),
    }  # fmt: skip


def _routes() -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for number, (one, two, miles, block, start, end, pso, _) in enumerate(PAIRS):
        made.append((len(made) + 1, f"JD{201 + 10 * number}", one, two, miles, block, start, end, pso))
        made.append(
            (len(made) + 1, f"JD{202 + 10 * number}", two, one, miles, block + 5 * (number % 3 == 1), start, end, pso)
        )
    return made


def _flights(random: Random, routes: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    weights = [PAIRS[(int(str(route[0])) - 1) // 2][7] for route in routes]
    plans = []
    while len(plans) < 920:
        route = random.choices(routes, weights)[0]
        on = day(random, date(2021, 3, 1), LAST)
        gone = str(route[7] or "9999")
        if f"{on}" < str(route[6]) or f"{on}" > gone or random.random() * 16 > SEASON[on.month - 1]:
            continue
        if ("BWK" in route and not 5 <= on.month <= 9) or random.random() > 0.55 + 0.11 * (on.year - 2021):
            continue
        leaves = datetime(
            on.year, on.month, on.day, random.choice((6, 7, 8, 11, 13, 16, 18, 20)), random.choice(range(0, 60, 5))
        )
        plans.append((leaves, route))
    plans.sort(key=lambda plan: (plan[0], plan[1][0]))
    return [_flight(random, number, *plan) for number, plan in enumerate(plans, 50001)]


def _flight(random: Random, number: int, std: datetime, route: tuple[object, ...]) -> tuple[object, ...]:
    block = int(str(route[5]))
    sta = std + timedelta(minutes=block)
    fit = [
        a
        for a in FLEET
        if str(a[6]) <= f"{std:%F}" and f"{std:%F}" <= str(a[7] or "9999") and ("BWK" not in route or a[1] != "DH4")
    ]
    plane = random.choices(fit, [{"AT7": 5, "AT4": 4, "DH4": 3, "SF3": 2}[str(a[1])] for a in fit])[0]
    winter = std.month in (11, 12, 1, 2, 3)
    if random.random() < (0.075 if winter else 0.035) + 0.06 * ("BWK" in route) + 0.02 * ("SJJ" in route):
        why = random.choices(("WX", "TECH", "CREW", "ATC", None), (50 if winter else 24, 24, 9, 6, 3))[0]
        reg = plane[0] if random.random() < 0.4 else None
        return number, route[0], reg, f"{std}", f"{sta}", None, None, None, None, 1, why, None
    late = 0 if random.random() < 0.58 else int(random.lognormvariate(2.7, 0.95)) + 1
    why = None
    if late > 5 and random.random() < 0.95:
        why = random.choices(("REAC", "WX", "TECH", "ATC", "PAX", "CREW"), (34, 24 if winter else 10, 17, 16, 8, 5))[0]
    atd = std + timedelta(minutes=late or random.choice((0, 0, 0, -1, -2, -4)))
    ata = atd + timedelta(minutes=block + random.randint(-7, 6))
    seats = SEATS[str(plane[1])]
    load = min(1.0, max(0.2, random.gauss(0.5 + SEASON[std.month - 1] / 60 + 0.03 * (std.year - 2021), 0.15)))
    return number, route[0], plane[0], f"{std}", f"{sta}", f"{atd}", f"{ata}", late, why, 0, None, round(seats * load)


def _guest(random: Random, number: int, name: str) -> tuple[object, ...]:
    born = day(random, date(1941, 1, 1), date(2019, 12, 31)).isoformat() if random.random() < 0.93 else None
    nat = random.choices((*NATS, None), (46, 14, 9, 9, 7, 6, 5, 3, 3, 4))[0]
    mail = f"{name.lower().replace(' ', '.')}{number}@example.com" if random.random() < 0.8 else None
    if random.random() > 0.38:
        return number, name, born, nat, mail, None, None, None
    tier = random.choices(("BLUE", "SILVER", "GOLD"), (70, 21, 9))[0]
    points = int(random.lognormvariate(7, 1)) + {"BLUE": 0, "SILVER": 6000, "GOLD": 18000}[tier]
    return number, name, born, nat, mail, f"JF{710000 + number * 7}", tier, points


def _sales(
    random: Random, flights: list[tuple[object, ...]], routes: list[tuple[object, ...]]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    bookings: list[tuple[object, ...]] = []
    tickets: list[tuple[object, ...]] = []
    pnrs = set()
    while len(bookings) < 880:
        pnr = "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=6))
        if pnr in pnrs:
            continue
        pnrs.add(pnr)
        out = random.randrange(len(flights))
        route = routes[int(str(flights[out][1])) - 1]
        legs = [flights[out]]
        back = (int(str(route[0])) - 1 ^ 1) + 1
        if random.random() < 0.5:
            legs += [f for f in flights[out + 1 : out + 40] if f[1] == back][:1]
        party = random.choices((1, 2, 3, 4), (58, 27, 9, 6))[0]
        who: list[int] = []
        while len(who) < party:
            guest = 1 + int(random.random() ** 1.6 * 532)
            who += [guest] if guest not in who else []
        on = date.fromisoformat(str(legs[0][3])[:10]) - timedelta(days=int(random.expovariate(1 / 32)))
        on = max(on, date(2021, 1, 11))
        channel = random.choices(("WEB", "APP", "AGT", "CALL"), (48, 8 + 6 * (on.year - 2021), 22, 9))[0]
        dead = random.random() < 0.06
        paid = random.choices(("CARD", "PAYPAL", "INVOICE", None), (66, 16, 14, 2))[0]
        bookings.append((pnr, who[0], on.isoformat(), channel, party, paid, "CNLD" if dead else "CONF"))
        cls = random.choices(("LITE", "CLASSIC", "FLEX"), (50, 36, 14))[0]
        base = {"LITE": 4200, "CLASSIC": 7300, "FLEX": 12900}[cls] + int(random.lognormvariate(7.3, 0.7))
        for leg in legs:
            fare = int(base * random.uniform(0.75, 1.25) * (1 + 0.045 * (on.year - 2021)))
            lost = random.random() < 0.018
            for guest in who:
                number = f"831-{2400100000 + len(tickets) * 37}"
                state = (
                    "REFUND"
                    if dead or (leg[9] and random.random() < 0.8)
                    else "NOSHOW"
                    if random.random() < 0.04
                    else "FLOWN"
                )
                held = state == "REFUND" and leg[9] == 0 and not dead
                if (leg[9] and state != "REFUND") or held:
                    state = "OPEN"
                if lost and state == "FLOWN":
                    state = "OPEN"
                seat = (
                    f"{random.randint(1, 18)}{random.choice('ABCD')}"
                    if state == "FLOWN" or random.random() < 0.3
                    else None
                )
                bags = {"LITE": 0, "CLASSIC": 1, "FLEX": 1}[cls] + (random.random() < 0.15)
                at = None if state == "OPEN" else leg[0]
                tickets.append(
                    (
                        number,
                        pnr,
                        guest,
                        at,
                        cls,
                        fare,
                        random.choice((1450, 1620, 1890)),
                        int(bags),
                        seat if at else None,
                        state,
                    )
                )
    return bookings, tickets


def _crew(random: Random) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for rank, many in (("CPT", 14), ("FO", 15), ("SCCM", 9), ("CCM", 16)):
        for spot in range(many):
            hired = (
                day(random, date(2010, 3, 1), date(2020, 12, 1))
                if spot < many * 0.6
                else day(random, date(2021, 6, 1), date(2024, 11, 30))
            )
            gone = (
                day(random, max(hired, date(2022, 1, 1)) + timedelta(days=150), date(2025, 9, 30))
                if random.random() < 0.17 and spot > 1
                else None
            )
            base = random.choices(("ZAG", "SPU", "ZAD"), (60, 27, 13))[0]
            paper = (
                day(random, date(2026, 1, 1), date(2029, 6, 30))
                if gone is None
                else gone + timedelta(days=random.randint(40, 600))
            )
            made.append(
                (
                    0,
                    person(random),
                    rank,
                    base,
                    f"{hired}",
                    gone and f"{gone}",
                    f"{paper}" if rank in ("CPT", "FO") else None,
                )
            )
    names = people(random, len(made))
    made = [(0, name, *one[2:]) for name, one in zip(names, made, strict=True)]
    made.append((0, "Mirela Horvat", "CCM", "SPU", "2025-10-20", None, None))
    made.append((0, "Ante Babic", "FO", "ZAG", "2025-10-27", None, "2028-04-30"))
    made.sort(key=lambda one: str(one[4]))
    return [(3000 + number * 3, *one[1:]) for number, one in enumerate(made, 1)]


def _duties(
    random: Random, flights: list[tuple[object, ...]], crew: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    liking = {one[0]: random.uniform(0.4, 1.6) for one in crew}
    for flight in flights:
        if flight[9]:
            continue
        on = str(flight[3])[:10]
        small = str(flight[2]) in ("9A-JDH", "9A-JDI", "9A-JDD", "9A-JDE")
        for rank, pos in (("CPT", "PIC"), ("FO", "SIC"), ("SCCM", "SCCM"), ("CCM", "CCM")):
            if rank == "CCM" and (small or random.random() < 0.38):
                continue
            here = [
                one
                for one in crew
                if one[2] == rank
                and str(one[4]) < on
                and on < str(one[5] or "9999")
                and one[1] not in ("Mirela Horvat", "Ante Babic")
            ]
            one = random.choices(here, [liking[each[0]] for each in here])[0]
            start = datetime.fromisoformat(str(flight[3])) - timedelta(minutes=random.choice((45, 60, 60)))
            stop = datetime.fromisoformat(str(flight[6])) + timedelta(minutes=30)
            made.append(
                (
                    len(made) + 1,
                    one[0],
                    flight[0],
                    pos,
                    f"{start}",
                    f"{stop}",
                    int((stop - start).total_seconds() // 60),
                )
            )
    return made


def _checks(random: Random) -> list[tuple[object, ...]]:
    shops = {
        "LINE": ("In-house", "ZAG"),
        "A": ("In-house", "ZAG"),
        "C": ("AdriaTech", "LJU"),
        "ENG": ("Alpine Turboprop", "GRZ"),
    }
    made: list[tuple[object, ...]] = []
    for plane in FLEET:
        first = max(date(2021, 1, 10), date.fromisoformat(str(plane[6])))
        last = date.fromisoformat(str(plane[7])) if plane[7] else LAST
        for kind, gap in (("LINE", 190), ("A", 260), ("C", 640), ("ENG", 900)):
            on = first + timedelta(days=int(gap * random.uniform(0.3, 1)))
            while on < last:
                shop, at = shops[kind]
                if kind in ("LINE", "A") and random.random() < 0.25:
                    shop, at = "Dalmatia Aero", "SPU"
                if kind == "C" and random.random() < 0.35:
                    shop, at = "Danube Aviation Services", "LNZ"
                days = {
                    "LINE": random.randint(0, 1),
                    "A": random.randint(1, 4),
                    "C": random.randint(11, 38),
                    "ENG": random.randint(4, 16),
                }[kind]
                hours = round({"LINE": 14, "A": 85, "C": 1450, "ENG": 310}[kind] * random.lognormvariate(0, 0.35), 1)
                cost = round(
                    hours * random.uniform(62, 96)
                    + {"LINE": 300, "A": 4000, "C": 60000, "ENG": 110000}[kind] * random.lognormvariate(0, 0.4),
                    2,
                )
                found = min(60, int(random.expovariate(1 / {"LINE": 1, "A": 4, "C": 22, "ENG": 3}[kind])))
                out = on + timedelta(days=days)
                open_ = out > last
                made.append(
                    (
                        0,
                        plane[0],
                        kind,
                        shop,
                        at,
                        f"{on}",
                        None if open_ else f"{out}",
                        None if open_ else hours,
                        None if open_ else found,
                        None if open_ or random.random() < 0.03 else cost,
                    )
                )
                on += timedelta(days=int(gap * random.uniform(0.8, 1.25)) + days)
    made.append((0, "9A-JDE", "C", "AdriaTech", "LJU", "2025-10-24", None, None, None, None))
    made.sort(key=lambda one: (str(one[5]), str(one[1])))
    return [(700 + number, *one[1:]) for number, one in enumerate(made, 1)]


def _uplifts(
    random: Random, flights: list[tuple[object, ...]], routes: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    sellers = {"Croatia": "INA", "Slovenia": "Petrol", "Italy": "Eni", "Bosnia and Herzegovina": "Energopetrol"}
    lands = {apt[0]: apt[3] for apt in APTS}
    for flight in flights:
        route = routes[int(str(flight[1])) - 1]
        at = str(route[2])
        if flight[9] or at == "BWK" or random.random() < (0.2 if at in ("ZAG", "SPU") else 0.45):
            continue
        seller = sellers.get(lands[at], "Shell Aviation")
        if seller == "INA" and random.random() < 0.2:
            seller = "Shell Aviation"
        ltr = int((500 + int(str(route[4])) * 6) * random.uniform(0.7, 1.9))
        year = int(str(flight[3])[:4])
        price = (
            {2021: 0.58, 2022: 0.98, 2023: 0.84, 2024: 0.79, 2025: 0.74}[year]
            * random.uniform(0.93, 1.08)
            * (1.12 if at in ("SJJ", "TIV", "BRI") else 1)
        )
        made.append((len(made) + 9001, flight[0], at, str(flight[3])[:10], seller, ltr, round(ltr * price, 2)))
    return made


AIRLINE = Stranger("airline", DDL, rows, seed=58)
