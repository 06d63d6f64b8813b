"""A charity, as an in-house developer of the 2000s kept it: tbl tables, short names, codes, Y/N flags, ISO text."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE tblCode (CdTyp TEXT, Cd TEXT, CdDesc TEXT, PRIMARY KEY (CdTyp, Cd));
CREATE TABLE tblCtry (CtryCd TEXT PRIMARY KEY, CtryNm TEXT, RgnNm TEXT);
CREATE TABLE tblStaff (StaffId INTEGER PRIMARY KEY, StaffNm TEXT, JobTtl TEXT, DeptNm TEXT, OfficeTown TEXT,
    HireDt TEXT, LeftDt TEXT, SalAmt REAL, FullTmYN TEXT, MgrId INTEGER);
CREATE TABLE tblDonor (DonorId INTEGER PRIMARY KEY, DonorNm TEXT, DonorTypCd TEXT, Town TEXT, CtryCd TEXT, Email TEXT,
    PhoneNo TEXT, NoMailYN TEXT, AddDt TEXT);
CREATE TABLE tblCamp (CampId INTEGER PRIMARY KEY, CampNm TEXT, StartDt TEXT, EndDt TEXT, GoalAmt REAL,
    MgrStaffId INTEGER);
CREATE TABLE tblPledge (PledgeId INTEGER PRIMARY KEY, DonorId INTEGER REFERENCES tblDonor (DonorId), CampId INTEGER,
    PledgeDt TEXT, PledgeAmt REAL, DueDt TEXT, PledgeStatCd TEXT);
CREATE TABLE tblGift (GiftId INTEGER PRIMARY KEY, DonorId INTEGER REFERENCES tblDonor (DonorId), CampId INTEGER,
    PledgeId INTEGER, GiftDt TEXT, GiftAmt REAL, PayMthdCd TEXT, GiftAidYN TEXT, ThankDt TEXT);
CREATE TABLE tblEvt (EvtId INTEGER PRIMARY KEY, EvtNm TEXT, EvtTypCd TEXT, EvtDt TEXT, Town TEXT, CampId INTEGER,
    TktQty INTEGER, IncAmt REAL, CostAmt REAL, LeadStaffId INTEGER, CancYN TEXT);
CREATE TABLE tblVol (VolId INTEGER PRIMARY KEY, VolNm TEXT, Town TEXT, PhoneNo TEXT, Email TEXT, JoinDt TEXT,
    DbsYN TEXT, DriverYN TEXT, ActvYN TEXT, CoordStaffId INTEGER);
CREATE TABLE tblVolHr (VolHrId INTEGER PRIMARY KEY, VolId INTEGER REFERENCES tblVol (VolId), WorkDt TEXT, HrsQty REAL,
    VolActCd TEXT, EvtId INTEGER);
CREATE TABLE tblProj (ProjId INTEGER PRIMARY KEY, ProjNm TEXT, CtryCd TEXT, SectCd TEXT, ProjStatCd TEXT, StartDt TEXT,
    EndDt TEXT, BudgAmt REAL, BenefQty INTEGER, PartnerNm TEXT, MgrStaffId INTEGER);
CREATE TABLE tblGrant (GrantId INTEGER PRIMARY KEY, ProjId INTEGER REFERENCES tblProj (ProjId), ApprDt TEXT,
    GrantAmt REAL, PaidDt TEXT, RptDueDt TEXT, RptRecvYN TEXT);
"""

Row = tuple[object, ...]
END = date(2025, 10, 31)

CODES = [
    ("DONTYP", "IND", "Individual"), ("DONTYP", "COR", "Company"), ("DONTYP", "TRU", "Trust or foundation"),
    ("DONTYP", "GRP", "Community group"),
    ("PAYMTH", "DD", "Direct debit"), ("PAYMTH", "CC", "Card"), ("PAYMTH", "CHQ", "Cheque"), ("PAYMTH", "CSH", "Cash"),
    ("PAYMTH", "BT", "Bank transfer"),
    ("PLGSTA", "O", "Open"), ("PLGSTA", "F", "Fulfilled"), ("PLGSTA", "X", "Cancelled"),
    ("EVTTYP", "RUN", "Run or walk"), ("EVTTYP", "DIN", "Gala dinner"), ("EVTTYP", "QUZ", "Quiz night"),
    ("EVTTYP", "CON", "Concert"), ("EVTTYP", "BAK", "Bake sale"), ("EVTTYP", "AUC", "Auction"),
    ("VOLACT", "SHP", "Charity shop"), ("VOLACT", "OFC", "Office help"), ("VOLACT", "EVT", "Events"),
    ("VOLACT", "DRV", "Driving"), ("VOLACT", "COL", "Street collection"), ("VOLACT", "SPK", "School talks"),
    ("SECT", "WAT", "Water and sanitation"), ("SECT", "EDU", "Education"), ("SECT", "HLT", "Health"),
    ("SECT", "FOD", "Food security"), ("SECT", "SHL", "Shelter"), ("SECT", "LIV", "Livelihoods"),
    ("PRJSTA", "P", "Planned"), ("PRJSTA", "A", "Active"), ("PRJSTA", "S", "Suspended"), ("PRJSTA", "C", "Completed"),
]  # fmt: skip
COUNTRIES = [
    ("GB", "United Kingdom", "Europe"), ("IE", "Ireland", "Europe"), ("US", "United States", "North America"),
    ("KE", "Kenya", "East Africa"), ("UG", "Uganda", "East Africa"), ("TZ", "Tanzania", "East Africa"),
    ("ET", "Ethiopia", "East Africa"), ("MW", "Malawi", "East Africa"), ("GH", "Ghana", "West Africa"),
    ("SL", "Sierra Leone", "West Africa"), ("SN", "Senegal", "West Africa"), ("BD", "Bangladesh", "South Asia"),
    ("NP", "Nepal", "South Asia"), ("LB", "Lebanon", "Middle East"), ("JO", "Jordan", "Middle East"),
    ("HT", "Haiti", "Caribbean"),
]  # fmt: skip
PLACES = {
    "KE": ("Turkana", "Kitui", "Kisumu", "Garissa"), "UG": ("Gulu", "Mbale", "Arua", "Kasese"),
    "TZ": ("Dodoma", "Singida", "Mwanza"), "ET": ("Afar", "Jimma", "Gondar"), "MW": ("Zomba", "Mzuzu", "Salima"),
    "GH": ("Tamale", "Wa"), "SL": ("Kenema", "Bo"), "SN": ("Kolda", "Matam"),
    "BD": ("Sylhet", "Khulna", "Rangpur", "Barisal"), "NP": ("Gorkha", "Dolpa", "Jumla"), "LB": ("Bekaa", "Tripoli"),
    "JO": ("Mafraq", "Irbid"), "HT": ("Jacmel", "Gonaives"),
}  # fmt: skip
THEMES = {
    "WAT": ("Clean Water", "Latrines", "Rainwater Tanks"), "EDU": ("Girls' Schooling", "Classrooms", "Reading Rooms"),
    "HLT": ("Mobile Clinic", "Midwife Training", "Child Vaccination"), "FOD": ("School Meals", "Seed Bank"),
    "SHL": ("Storm Shelters", "Family Housing"), "LIV": ("Weaving Co-operative", "Beekeepers", "Savings Groups"),
}  # fmt: skip
CAMPAIGNS = [
    ("Water for Life 2021", "2021-03-01", "2021-06-30", 1.18), ("Winter Warmth 2021", "2021-11-01", "2022-01-31", 0.84),
    ("Refugee Emergency Appeal", "2022-03-05", "2022-09-30", 0.71), ("Back to School", "2022-08-01", "2022-10-31", 1.4),
    ("Winter Warmth 2022", "2022-11-01", "2023-01-31", 1.22), ("Earthquake Appeal", "2023-02-08", "2023-06-30", 0.78),
    ("Seeds of Hope", "2023-05-01", "2023-09-30", 1.63), ("Winter Warmth 2023", "2023-11-01", "2024-01-31", 1.09),
    ("Midwives for Malawi", "2024-03-08", "2024-06-30", 1.35),
    ("Water for Life 2024", "2024-06-01", "2024-09-30", 0.88),
    ("Winter Warmth 2024", "2024-11-01", "2025-01-31", 1.27), ("Flood Response", "2025-04-14", None, 1.9),
    ("Match Month", "2025-06-01", "2025-06-30", 0.92), ("Winter Warmth 2025", "2025-11-01", None, 0.0),
]  # fmt: skip
TOWNS = {
    "Leeds": 27, "York": 12, "Bradford": 11, "Sheffield": 10, "Manchester": 9, "Harrogate": 8, "Hull": 6, "London": 7,
    "Liverpool": 4, "Newcastle": 4, "Huddersfield": 5,
}  # fmt: skip
SURNAMES = (
    "Ashdown", "Hartwell", "Pemberton", "Ridley", "Thornbury", "Whitcombe", "Calder", "Fairfax", "Garside", "Holroyd",
    "Ingleby", "Lascelles", "Marchbank", "Netherby", "Oldroyd", "Priestley", "Ramsden", "Sugden", "Tempest", "Wharfe",
)  # fmt: skip
SAINTS = ("Luke", "Anne", "Aidan", "Mark", "Hilda")
JOBS = {
    "Fundraising": ("Fundraising Officer", "Appeals Manager", "Events Organiser", "Supporter Care Assistant"),
    "Programmes": ("Programme Officer", "Programme Manager"), "Finance": ("Finance Officer", "Bookkeeper"),
    "Volunteering": ("Volunteer Coordinator",), "Communications": ("Press Officer", "Web Editor"),
}  # fmt: skip


def rows(random: Random) -> Rows:
    names = people(random, 800)
    staff = _staff(random, names)
    of = {dept: [row[0] for row in staff if row[3] == dept] for dept in JOBS}
    taken: set[str] = set()
    donors = [_donor(random, number, names, taken) for number in range(1, 591)]
    weights = [0.0 if random.random() < 0.11 else random.paretovariate(1.3) for _ in donors]
    pledges, gifts = _pledges(random, donors)
    gifts += _gifts(random, donors, weights, 2650)
    gifts = [(number, *gift) for number, gift in enumerate(sorted(gifts, key=lambda gift: str(gift[3])), 1)]
    campaigns = _campaigns(random, gifts, [row for row in staff if row[3] == "Fundraising"])
    events = _events(random, of["Fundraising"])
    volunteers = [_volunteer(random, number, names, of["Volunteering"]) for number in range(1, 131)]
    projects = _projects(random, of["Programmes"])
    return {
        "tblCode": CODES, "tblCtry": COUNTRIES, "tblStaff": staff, "tblDonor": donors, "tblCamp": campaigns,
        "tblPledge": pledges, "tblGift": gifts, "tblEvt": events, "tblVol": volunteers,
        "tblVolHr": _hours(random, volunteers, events), "tblProj": projects, "tblGrant": _grants(random, projects),
    }  # fmt: skip


def _between(random: Random, first: date, last: date) -> date:
    return day(random, min(first, last), last)


def _flag(random: Random, chance: float) -> str:
    return "Y" if random.random() < chance else "N"


def _town(random: Random) -> str:
    return random.choices(list(TOWNS), list(TOWNS.values()))[0]


def _phone(random: Random) -> str:
    return f"0{random.choice((113, 114, 161, 1904, 1423))} {random.randint(200000, 999999)}"


def _mail(name: str) -> str:
    return name.lower().replace(" ", ".") + "@example.org"


def _staff(random: Random, names: list[str]) -> list[Row]:
    made: list[Row] = [(1, names[0], "Director", "Directorate", "Leeds", "2021-01-04", None, 68000.0, "Y", None)]
    heads: dict[str, int] = {}
    depts = [*JOBS, *random.choices(list(JOBS), (12, 9, 5, 5, 4), k=29)]
    for number, dept in enumerate(depts, 2):
        head = dept not in heads
        heads.setdefault(dept, number)
        hired = day(random, date(2021, 1, 11), date(2021, 4, 30)) if head else day(random, date(2021, 3, 1), END)
        gone = day(random, hired, END) if not head and number > 12 and random.random() < 0.3 else None
        left = f"{gone}" if gone and (gone - hired).days > 120 else None
        title = f"Head of {dept}" if head else random.choice(JOBS[dept])
        pay = 46000 + 500 * random.randint(0, 12) if head else 22500 + 250 * random.randint(0, 60)
        town = random.choices(("Leeds", "London", "Nairobi"), (78, 14, 8))[0]
        boss = 1 if head else heads[dept]
        full = _flag(random, 0.7)
        made.append((number, names[number - 1], title, dept, town, f"{hired}", left, float(pay), full, boss))
    return made


def _donor(random: Random, number: int, names: list[str], taken: set[str]) -> Row:
    kind = random.choices(("IND", "COR", "TRU", "GRP"), (82, 9, 4, 5))[0]
    town, name = _town(random), ""
    while not name or name in taken:
        root, partner = random.sample(SURNAMES, 2)
        name = {
            "IND": names[40 + number],
            "COR": f"{root} {random.choice(('& Sons', '& ' + partner, 'Textiles', 'Motors', 'Foods', 'Homes'))} Ltd",
            "TRU": random.choice((f"The {root} Foundation", f"{root} Charitable Trust", f"{partner} Family Trust")),
            "GRP": random.choice(
                (f"Rotary Club of {town}", f"St {random.choice(SAINTS)}'s Church, {town}", f"{root} School")
            ),
        }[kind]
    taken.add(name)
    abroad = random.choices(("GB", "IE", "US"), (94, 4, 2))[0]
    town = {"IE": random.choice(("Dublin", "Cork")), "US": "Boston"}.get(abroad, town)
    mail = _mail(name) if kind == "IND" and random.random() < 0.72 else None
    phone = _phone(random) if random.random() < 0.55 else None
    added = day(random, date(2021, 1, 4), date(2025, 9, 30))
    since = added if random.random() < 0.4 else date(2021, 1, 4) + (added - date(2021, 1, 4)) / 3
    return number, name, kind, town, abroad, mail, phone, _flag(random, 0.08), f"{since}"


def _amount(random: Random, kind: object) -> float:
    middle, spread = {"IND": (3.5, 0.85), "COR": (6.6, 0.9), "TRU": (8.0, 0.8), "GRP": (5.6, 0.8)}[str(kind)]
    drawn = random.lognormvariate(middle, spread)
    step = 5 if drawn < 200 else 50 if drawn < 3000 else 250
    return float(max(5, round(drawn / step) * step)) if random.random() < 0.9 else round(drawn, 2)


def _gift(random: Random, donor: Row, camp: int | None, pledge: int | None, when: date, amount: float) -> Row:
    person = donor[2] == "IND"
    how = random.choices(("DD", "CC", "CHQ", "CSH", "BT"), (38, 34, 11, 9, 8) if person else (1, 6, 30, 3, 60))[0]
    thanked = when + timedelta(days=random.randint(1, 24))
    late = thanked > END or random.random() < (0.12 if when.year == 2025 else 0.04)
    aid = _flag(random, 0.74) if person else "N"
    return donor[0], camp, pledge, f"{when}", amount, how, aid, None if late else f"{thanked}"


def _running(when: str) -> list[int]:
    return [n for n, camp in enumerate(CAMPAIGNS, 1) if camp[1] <= when <= str(camp[2] or "2025-08-31")]


def _pledges(random: Random, donors: list[Row]) -> tuple[list[Row], list[Row]]:
    pledges: list[Row] = []
    gifts: list[Row] = []
    days = sorted(day(random, date(2021, 3, 1), date(2025, 10, 15)) for _ in range(190))
    for number, when in enumerate(days, 1):
        donor = random.choice([row for row in donors if str(row[8]) <= f"{when}"])
        amount = float(max(120, round(_amount(random, donor[2]) * 4 / 20) * 20))
        due = when + timedelta(days=random.choice((90, 180, 365)))
        camp = random.choice([*_running(f"{when}"), None])
        state = random.choices("OFX", (60, 30, 10) if due > END else (9, 80, 11))[0]
        parts = random.choice((1, 2, 4))
        paid = parts if state == "F" else random.randint(0, parts - 1)
        last = min(due, END)
        for part in range(paid):
            on = when + (last - when) * (part + 1) / (parts + 1)
            gifts.append(_gift(random, donor, camp, number, on, amount / parts))
        pledges.append((number, donor[0], camp, f"{when}", amount, None if random.random() < 0.06 else f"{due}", state))
    return pledges, gifts


def _gifts(random: Random, donors: list[Row], weights: list[float], many: int) -> list[Row]:
    made = []
    for donor in random.choices(donors, weights, k=many):
        when = _between(random, date.fromisoformat(str(donor[8])), END)
        if when.month in (5, 7, 8) and random.random() < 0.4:
            since = date.fromisoformat(str(donor[8]))
            when = max(_between(random, max(since, date(when.year - 1, 11, 15)), date(when.year, 1, 5)), since)
        open_now = _running(f"{when}")
        camp = random.choice(open_now) if open_now and random.random() < 0.66 else None
        made.append(_gift(random, donor, camp, None, when, _amount(random, donor[2])))
    return made


def _campaigns(random: Random, gifts: list[Row], staff: list[Row]) -> list[Row]:
    made = []
    for number, (name, start, end, reached) in enumerate(CAMPAIGNS, 1):
        total = sum(float(str(gift[5])) for gift in gifts if gift[2] == number)
        goal = max(5000.0, round(total / reached / 2500) * 2500.0) if reached else 40000.0
        there = [row[0] for row in staff if str(row[5]) <= start and str(row[6] or "2099") > str(end or "2025-12-31")]
        made.append((number, name, start, end, goal, random.choice(there[:4])))
    return made


def _events(random: Random, staff: list[object]) -> list[Row]:
    words = {code: text.title() for group, code, text in CODES if group == "EVTTYP"} | {"RUN": "Fun Run"}
    seen: set[str] = set()
    made: list[Row] = []
    for when in sorted(day(random, date(2021, 5, 1), END) for _ in range(82)):
        kind = random.choices(list(words), (18, 9, 26, 12, 24, 7))[0]
        town = _town(random)
        name = f"{town} {words[kind]} {when.year}"
        if name in seen:
            continue
        seen.add(name)
        off = random.random() < 0.08
        seats = None if kind == "BAK" or off else random.randint(30, 260)
        per = {"RUN": 28, "DIN": 95, "QUZ": 12, "CON": 19, "BAK": 0, "AUC": 41}[kind]
        income = None if off else round((seats or 0) * per * random.uniform(0.8, 1.5) + random.uniform(120, 900), 2)
        share = random.uniform(0.12, 0.55) if random.random() < 0.92 else random.uniform(1.05, 1.4)
        cost = round(income * share, 2) if income else random.choice((None, 150.0, 480.0))
        running = _running(f"{when}")
        camp = random.choice(running) if running and random.random() < 0.75 else None
        lead = random.choice(staff) if random.random() < 0.93 else None
        made.append((len(made) + 1, name, kind, f"{when}", town, camp, seats, income, cost, lead, "Y" if off else "N"))
    return made


def _volunteer(random: Random, number: int, names: list[str], staff: list[object]) -> Row:
    name = names[645 + number]
    joined = day(random, date(2021, 1, 20), date(2025, 9, 30))
    mail = _mail(name) if random.random() < 0.85 else None
    phone = _phone(random) if random.random() < 0.9 else None
    boss = random.choice(staff) if random.random() < 0.9 else None
    town, flags = _town(random), [_flag(random, chance) for chance in (0.6, 0.35, 0.72)]
    return number, name, town, phone, mail, f"{joined}", *flags, boss


def _hours(random: Random, volunteers: list[Row], events: list[Row]) -> list[Row]:
    keen = [0.0 if random.random() < 0.12 else random.paretovariate(1.5) for _ in volunteers]
    made: list[Row] = []
    seen: set[tuple[object, object]] = set()
    for who in random.choices(volunteers, keen, k=1500):
        kind = random.choices(("SHP", "OFC", "EVT", "DRV", "COL", "SPK"), (36, 18, 22, 9, 10, 5))[0]
        when, event = f"{_between(random, date.fromisoformat(str(who[5])), END)}", None
        held = [row for row in events if str(row[3]) >= str(who[5]) and row[10] == "N"]
        if kind == "EVT" and held:
            chosen = random.choice(held)
            when, event = str(chosen[3]), chosen[0]
        if (who[0], when) in seen:
            continue
        seen.add((who[0], when))
        hours = random.randint(2, 9) / 2 if kind in ("OFC", "SPK", "COL") else random.randint(4, 16) / 2
        made.append((who[0], when, hours, kind, event))
    return [(number, *row) for number, row in enumerate(sorted(made, key=lambda row: str(row[1])), 1)]


def _projects(random: Random, staff: list[object]) -> list[Row]:
    places = [(code, place) for code in PLACES for place in PLACES[code]]
    every = [(*place, sector, theme) for place in places for sector in THEMES for theme in THEMES[sector]]
    first = [("KE", "Turkana", "WAT", "Clean Water")]
    heavy = {"KE": 4.0, "UG": 2.6, "MW": 2.0, "BD": 3.0}
    weights = [heavy.get(row[0], 0.8) * {"WAT": 2, "SHL": 0.6}.get(row[2], 1) for row in every]
    taken = {0: first[0]}
    while len(taken) < 62:
        pick = random.choices(every, weights)[0]
        if pick not in taken.values():
            taken[len(taken)] = pick
    made = []
    for number, (code, place, sector, theme) in enumerate(taken.values(), 1):
        drawn = [day(random, date(2021, 2, 1), date(2025, 12, 31)) for _ in range(random.choice((1, 1, 2)))]
        start = max(drawn).replace(day=1)
        end = start + timedelta(days=random.choice((364, 545, 729, 1094)))
        state = "P" if start > END else "C" if end < END else "A" if number == 1 else random.choices("AS", (90, 10))[0]
        until = f"{min(end, date(2025, 12, 31))}"
        ends = None if end > date(2025, 12, 31) and number > 1 and random.random() < 0.6 else until
        people_ = None if state == "P" else random.randint(8, 900) * 10
        body = random.choice(("Community Trust", "Women's Union", "Relief Network", "Diocese"))
        partner = f"{place} {body}"
        lead = random.choice(staff) if random.random() < 0.92 else None
        budget = float(random.randint(6, 120) * 1000)
        made.append(
            (number, f"{place} {theme}", code, sector, state, f"{start}", ends, budget, people_,
             partner if random.random() < 0.85 else None, lead)
        )  # fmt: skip
    return made


def _grants(random: Random, projects: list[Row]) -> list[Row]:
    made: list[Row] = []
    for project in projects:
        if project[4] == "P" or random.random() < 0.08:
            continue
        start = date.fromisoformat(str(project[5]))
        last = min(END, date.fromisoformat(str(project[6] or "2025-10-31")))
        parts = random.choice((1, 2, 3, 4, 5, 6))
        for part in range(parts):
            approved = start + (last - start) * part / parts + timedelta(days=random.randint(0, 20))
            if approved > END:
                continue
            amount = round(float(str(project[7])) * random.uniform(0.6, 1.15) / parts / 100) * 100.0
            paid = approved + timedelta(days=random.randint(6, 70))
            done = paid <= END and random.random() < 0.95
            due = approved + timedelta(days=180)
            got = None if not done else _flag(random, 0.86 if due < END else 0.15)
            report = f"{due}" if due.year < 2026 else None
            made.append((project[0], f"{approved}", amount, f"{paid}" if done else None, report, got))
    return [(number, *row) for number, row in enumerate(sorted(made, key=lambda row: str(row[1])), 1)]


CHARITY = Stranger("charity", DDL, rows, seed=61)
