"""A county's road maintenance: an old Oracle and Access database with codes, Y/N flags and days as ISO text."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE L_CODE (CD_TYP VARCHAR(6), CD VARCHAR(4), DESCR VARCHAR(40), SRT INTEGER, PRIMARY KEY (CD_TYP, CD));
CREATE TABLE L_DEFTYP (DEF_TYP VARCHAR(3) PRIMARY KEY, DESCR VARCHAR(40), TGT_DYS INTEGER);
CREATE TABLE SEG (SEG_ID VARCHAR(10) PRIMARY KEY, RD_NO VARCHAR(8), RD_NM VARCHAR(40), FR_DSC VARCHAR(40),
    TO_DSC VARCHAR(40), DIST_CD VARCHAR(2), CLS_CD VARCHAR(3), SURF_CD VARCHAR(2), LEN_MI REAL, LANES INTEGER,
    LST_RSF_YR INTEGER, SNOW_RT CHAR(1));
CREATE TABLE INSP (INSP_ID INTEGER PRIMARY KEY, SEG_ID VARCHAR(10) REFERENCES SEG (SEG_ID), INSP_DT VARCHAR(10),
    INSPR VARCHAR(40), PCI INTEGER, DRN_OK CHAR(1), REM VARCHAR(80));
CREATE TABLE CIT_RPT (RPT_NO VARCHAR(8) PRIMARY KEY, RCVD_DT VARCHAR(10), CHNL_CD CHAR(1), CALLR_NM VARCHAR(40),
    CALLR_PH VARCHAR(12), SEG_ID VARCHAR(10), DEF_TYP VARCHAR(3), STAT_CD CHAR(1), CLS_DT VARCHAR(10),
    CALLBK CHAR(1));
CREATE TABLE DEFECT (DEF_NO INTEGER PRIMARY KEY, SEG_ID VARCHAR(10) REFERENCES SEG (SEG_ID), DEF_TYP VARCHAR(3),
    SEV CHAR(1), FND_DT VARCHAR(10), INSP_ID INTEGER, RPT_NO VARCHAR(8), FIX_DT VARCHAR(10));
CREATE TABLE CREW (CREW_ID INTEGER PRIMARY KEY, CREW_NM VARCHAR(30), DIST_CD VARCHAR(2), FRMN VARCHAR(40),
    HDCT INTEGER, ACTV CHAR(1));
CREATE TABLE CONTR (CONTR_ID INTEGER PRIMARY KEY, CO_NM VARCHAR(40), CNTCT VARCHAR(40), PH VARCHAR(12),
    CITY VARCHAR(30), INS_EXP_DT VARCHAR(10), ACTV CHAR(1));
CREATE TABLE WO (WO_NO INTEGER PRIMARY KEY, WO_TYP VARCHAR(3), SEG_ID VARCHAR(10), DEF_NO INTEGER, CREW_ID INTEGER,
    CONTR_ID INTEGER, PRI CHAR(1), EMRG CHAR(1), STAT_CD CHAR(1), OPN_DT VARCHAR(10), DUE_DT VARCHAR(10),
    CMP_DT VARCHAR(10), EST_CST REAL, ACT_CST REAL);
CREATE TABLE WO_MATL (WO_NO INTEGER REFERENCES WO (WO_NO), LN_NO INTEGER, MAT_CD VARCHAR(3), QTY REAL, UOM VARCHAR(3),
    UNT_CST REAL, USE_DT VARCHAR(10), PRIMARY KEY (WO_NO, LN_NO));
CREATE TABLE Veh (VehNo VARCHAR(6) PRIMARY KEY, VehTyp VARCHAR(20), Make VARCHAR(20), ModYr INTEGER, CrewId INTEGER,
    OdoMi INTEGER, AcqDt VARCHAR(10), AcqCst REAL, InSvc CHAR(1));
CREATE TABLE BUDG (BUD_YR INTEGER, DIST_CD VARCHAR(2), CAT_CD VARCHAR(3), BUD_AMT REAL, APRV_DT VARCHAR(10),
    PRIMARY KEY (BUD_YR, DIST_CD, CAT_CD));
"""

CODES = {
    "DIST": {"D1": "Lakeshore", "D2": "Prairie", "D3": "River Bend", "D4": "Uplands", "D5": "Metro Fringe"},
    "CLS": {"ART": "Arterial", "COL": "Collector", "LOC": "Local"},
    "SURF": {"AC": "Asphalt", "CS": "Chip seal", "PC": "Concrete", "GR": "Gravel"},
    "SEV": {"1": "Minor", "2": "Moderate", "3": "Severe", "4": "Hazardous"},
    "PRI": {"1": "Urgent", "2": "High", "3": "Normal", "4": "Low"},
    "CHNL": {"P": "Phone", "E": "Email", "W": "Web form", "A": "Mobile app", "C": "Counter"},
    "RPTST": {"N": "New", "A": "Assigned", "C": "Closed", "D": "Duplicate", "R": "Referred to other agency"},
    "WOST": {"N": "New", "S": "Scheduled", "W": "In progress", "H": "On hold", "C": "Completed", "X": "Cancelled"},
    "WOTYP": {
        "REP": "Pavement repair", "DRN": "Drainage", "SGN": "Signs and safety", "RSD": "Roadside clearing",
        "RSF": "Resurfacing", "SNW": "Snow and ice",
    },
    "BUDCAT": {"MNT": "Routine maintenance", "RSF": "Resurfacing", "SNW": "Snow and ice", "EQP": "Equipment"},
    "MAT": {
        "HMA": "Hot mix asphalt", "CLD": "Cold patch", "CRF": "Crack filler", "AGG": "Crushed stone",
        "SLT": "Rock salt", "SND": "Sand", "CLV": "Culvert pipe", "SGB": "Sign blank", "PST": "Sign post",
        "GRP": "Guardrail panel", "PNT": "Marking paint", "EML": "Asphalt emulsion",
    },
}  # fmt: skip
# code: description, target days, how often, the work order's type
DEFECTS = {
    "POT": ("Pothole", 14, 34, "REP"), "CRK": ("Cracking", 60, 16, "REP"), "RUT": ("Rutting", 90, 6, "REP"),
    "EDG": ("Edge drop-off", 45, 8, "REP"), "SHL": ("Shoulder washout", 21, 5, "REP"),
    "WSH": ("Washboarding", 30, 7, "REP"), "CUL": ("Blocked culvert", 10, 8, "DRN"),
    "SGN": ("Damaged or missing sign", 5, 8, "SGN"), "GRL": ("Damaged guardrail", 20, 3, "SGN"),
    "MRK": ("Worn markings", 120, 3, "SGN"), "VEG": ("Overgrown vegetation", 30, 6, "RSD"),
    "DEB": ("Debris on road", 2, 4, "RSD"),
}  # fmt: skip
# code: unit, price, typical quantity
MATERIALS = {
    "HMA": ("TON", 92.0, 9), "CLD": ("TON", 148.0, 1.6), "CRF": ("LB", 1.15, 320), "AGG": ("TON", 19.5, 22),
    "SLT": ("TON", 71.0, 34), "SND": ("TON", 12.0, 28), "CLV": ("FT", 38.0, 30), "SGB": ("EA", 44.0, 2),
    "PST": ("EA", 31.0, 2), "GRP": ("EA", 128.0, 5), "PNT": ("GAL", 24.0, 30), "EML": ("GAL", 3.4, 140),
}  # fmt: skip
USES = {
    "REP": (("HMA", 8), ("CLD", 7), ("CRF", 4), ("AGG", 5), ("EML", 4)),
    "DRN": (("CLV", 5), ("AGG", 5), ("SND", 1)),
    "SGN": (("SGB", 5), ("PST", 5), ("GRP", 2), ("PNT", 2)),
    "RSD": (("AGG", 1), ("SND", 1)),
    "RSF": (("HMA", 5), ("EML", 4), ("AGG", 3), ("PNT", 3)),
    "SNW": (("SLT", 8), ("SND", 5)),
}
FIRSTS = (
    "Mill Creek", "Old Ferry", "Quarry", "Cedar Hollow", "Blackbird", "Tannery", "Schoolhouse", "Gristmill",
    "Otter Lake", "Saint Mary", "Pine Ridge", "Cemetery", "Dutch Corner", "Fox Farm", "Town Line", "Harbor",
    "Sawyer", "Stone Arch", "Prairie View", "Windmill", "Hickory", "Kettle Hill", "Long Lane", "Brickyard",
    "Orchard", "Airport", "Sandpit", "Goose Pond", "Maple Grove", "Turnpike", "Beaver Dam", "Chapel", "Copper Mine",
    "Depot", "Elk Run", "Fairgrounds",
)  # fmt: skip
LASTS = ("Rd", "Rd", "Rd", "Ln", "Dr", "Hwy", "Ave")
CREWS = [
    ("Harbor", "D1", 6, "Y"), ("Dunes", "D1", 5, "Y"), ("Prairie North", "D2", 6, "Y"), ("Prairie South", "D2", 5, "Y"),
    ("River Bend", "D3", 8, "Y"), ("Quarry", "D4", 7, "Y"), ("Summit", "D4", 4, "Y"), ("Fringe", "D5", 7, "Y"),
    ("Sign Shop", None, 3, "Y"), ("Night Patch", "D5", 4, "N"),
]  # fmt: skip
CONTRACTORS = [
    ("Tri-County Paving", "Ashford"), ("Hollis Brothers Asphalt", "Ashford"), ("Great Lakes Seal Coat", "Port Merrow"),
    ("Redstone Excavating", "Kettle Falls"), ("Vandermeer Drainage", "Dunmore"), ("Apex Guardrail & Sign", "Millbrook"),
    ("Lakeland Striping", "Port Merrow"), ("J. Sorensen & Sons", "Dunmore"), ("Pioneer Aggregate", "Kettle Falls"),
    ("Northfork Concrete", "Ashford"), ("Keystone Road Services", "Millbrook"), ("Greenway Tree & Brush", "Ashford"),
    ("Badger Trenching", "Elkton"), ("Summit Line Construction", "Elkton"), ("Four Corners Hauling", "Dunmore"),
]  # fmt: skip
LAST_DAY = date(2025, 12, 31)
Row = tuple[object, ...]


def rows(random: Random) -> Rows:
    codes = [(kind, *pair, order) for kind, own in CODES.items() for order, pair in enumerate(own.items(), 1)]
    segments = _segments(random)
    inspections = _inspections(random, segments)
    reports = _reports(random, segments)
    crews = [
        (number, name, district, boss, heads, active)
        for number, ((name, district, heads, active), boss) in enumerate(
            zip(CREWS, people(random, len(CREWS)), strict=True), 1
        )
    ]
    contacts = people(random, len(CONTRACTORS))
    contractors = [_contractor(random, n, *c, contacts[n - 1]) for n, c in enumerate(CONTRACTORS, 1)]
    defects = _defects(random, segments, inspections, reports)
    orders = _orders(random, segments, defects)
    fixed = {order[3]: order[11] for order in orders if order[3] and order[11]}
    done = []
    for defect in defects:
        fix = fixed.get(defect[0])
        if fix is None and defect[0] not in {order[3] for order in orders} and random.random() < 0.35:
            fix = _iso(date.fromisoformat(str(defect[4])) + timedelta(days=random.randint(0, 40)))
        done.append((*defect, fix))
    return {
        "L_CODE": codes, "L_DEFTYP": [(code, kind[0], kind[1]) for code, kind in DEFECTS.items()], "SEG": segments,
        "INSP": inspections, "CIT_RPT": reports, "DEFECT": done, "CREW": crews, "CONTR": contractors, "WO": orders,
        "WO_MATL": _materials(random, orders), "Veh": _vehicles(random), "BUDG": _budgets(random),
    }  # fmt: skip


def _iso(when: date) -> str | None:
    return when.isoformat() if when <= LAST_DAY else None


def _pick(random: Random, weights: dict[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _segments(random: Random) -> list[Row]:
    names = [f"{first} {random.choice(LASTS)}" for first in FIRSTS]
    names[0], names[1] = "Mill Creek Rd", "Old Ferry Rd"
    names += [f"{n} {'St' if n % 2 else 'Ave'}" for n in range(120, 312, 6)]
    numbers = sorted(random.sample(range(2, 199), len(names)))
    made: list[Row] = []
    for index, name in enumerate(names):
        number = numbers[(index * 29) % len(numbers)]
        kind = "ART" if index in (0, 1, 14, 25, 29) else _pick(random, {"COL": 34, "LOC": 62, "ART": 4})
        low, high = {"ART": (6, 10), "COL": (3, 7), "LOC": (2, 5)}[kind]
        district = _pick(random, {"D1": 22, "D2": 30, "D3": 18, "D4": 20, "D5": 12})
        ends = [random.choice(("County line", "State Hwy 9", "City limits", "Dead end", "US 41"))]
        ends += [f"CR {n}" for n in random.sample(numbers, high)]
        for part in range(random.randint(low, high)):
            if part and random.random() < {"ART": 0.3, "COL": 0.1, "LOC": 0.0}[kind]:
                district = _pick(random, {"D1": 2, "D2": 3, "D3": 2, "D4": 2, "D5": 1})
            surface = _pick(random, {
                "ART": {"AC": 78, "PC": 22}, "COL": {"AC": 60, "CS": 34, "PC": 6},
                "LOC": {"AC": 26, "CS": 34, "GR": 40},
            }[kind])  # fmt: skip
            year = None if surface == "GR" or random.random() < 0.06 else 2025 - min(27, int(random.expovariate(0.1)))
            length = round(min(7.4, max(0.18, random.lognormvariate(0.3, 0.6))), 2)
            snow = "Y" if kind == "ART" or random.random() < {"COL": 0.7, "LOC": 0.15}[kind] else "N"
            lanes = random.choice((2, 4, 4)) if kind == "ART" else 2 if random.random() < 0.95 else 1
            made.append((
                f"CR{number:03}-{part + 1:02}", f"CR {number}", name, ends[part], ends[part + 1], district, kind,
                surface, length, lanes, year, snow,
            ))  # fmt: skip
    return sorted(made, key=lambda seg: str(seg[0]))


def _inspections(random: Random, segments: list[Row]) -> list[Row]:
    staff = people(random, 7)
    notes = ("Recheck after thaw", "Ditch needs cleaning", "Sight line poor", "Trucks cutting corner", "Photo on file")
    found: list[tuple[str, Row]] = []
    for segment in segments:
        if random.random() < 0.05:
            continue
        least = {"ART": 4, "COL": 2, "LOC": 1}[str(segment[6])]
        for _ in range(random.choice((least, least + 1, least + 2, least + 3))):
            when = day(random, date(2021, 3, 1), date(2025, 11, 30))
            if when.month in (1, 2, 12) and random.random() < 0.6:
                continue
            base = 97 - 2.4 * max(0, when.year - int(str(segment[10] or 2006)))
            score: int | None = max(4, min(100, round(random.gauss(base, 9))))
            if (segment[7] == "GR" and random.random() < 0.5) or random.random() < 0.04:
                score = None
            inspector = random.choices(staff, (30, 24, 18, 12, 8, 5, 3))[0]
            drains = random.choices(("Y", "N", None), (72, 18, 10))[0]
            note = random.choice(notes) if random.random() < 0.22 else None
            found.append((when.isoformat(), (segment[0], when.isoformat(), inspector, score, drains, note)))
    found.sort(key=lambda item: item[0])
    return [(number, *row) for number, (_, row) in enumerate(found, 3001)]


def _season(random: Random) -> date:
    while True:
        when = day(random, date(2021, 1, 1), LAST_DAY)
        weight = (0.55, 0.75, 1.0, 0.9, 0.6, 0.45, 0.4, 0.4, 0.4, 0.4, 0.42, 0.5)[when.month - 1]
        if random.random() < weight * (0.6 + 0.1 * (when.year - 2021)):
            return when


def _type(random: Random, surface: object) -> str:
    weights = {code: kind[2] for code, kind in DEFECTS.items()}
    if surface == "GR":
        weights.update(POT=16, CRK=0, RUT=10, WSH=40, MRK=0)
    else:
        weights.update(WSH=0)
    return _pick(random, weights)


def _reports(random: Random, segments: list[Row]) -> list[Row]:
    pool = people(random, 420)
    phones = {who: f"555-{random.randint(200, 989)}-{random.randint(1000, 9999)}"[:12] for who in pool}
    counts: dict[int, int] = {}
    made: list[Row] = []
    for when in sorted(_season(random) for _ in range(940)):
        counts[when.year] = counts.get(when.year, 0) + 1
        number = f"R{when.year % 100}-{counts[when.year]:04}"
        who = None if random.random() < 0.17 else pool[int(random.random() ** 1.6 * len(pool))]
        phone = phones[who] if who and random.random() < 0.7 else None
        segment = None if random.random() < 0.09 else segments[int(random.random() ** 1.25 * len(segments))]
        kind = None if random.random() < 0.06 else _type(random, segment[7] if segment else "AC")
        late = (LAST_DAY - when).days < 70
        status = random.choices("NACDR", (25, 30, 35, 6, 4) if late else (1, 3, 82, 8, 6))[0]
        closed = when + timedelta(days=min(240, int(random.lognormvariate(2.5, 0.9))))
        if status == "C" and closed > LAST_DAY:
            status = "A"
        channel = random.choices("PEWAC", (46, 14, 18, 6 + 5 * (when.year - 2021), 6))[0]
        back = "Y" if who and random.random() < 0.3 else "N"
        made.append((
            number, when.isoformat(), channel, who, phone, segment and segment[0], kind, status,
            closed.isoformat() if status == "C" else None, back,
        ))  # fmt: skip
    return made


def _contractor(random: Random, number: int, name: str, city: str, who: str) -> Row:
    active = "N" if number in (8, 13) else "Y"
    first, last = (date(2025, 2, 1), date(2026, 10, 31)) if active == "Y" else (date(2022, 1, 1), date(2023, 12, 31))
    until = day(random, first, last)
    contact = who if random.random() < 0.85 else None
    phone = f"555-{random.randint(200, 989)}-{random.randint(1000, 9999)}"
    return number, name, contact, phone, city, f"{until}", active


def _defects(random: Random, segments: list[Row], inspections: list[Row], reports: list[Row]) -> list[Row]:
    surfaces = {segment[0]: segment[7] for segment in segments}
    found: list[Row] = []
    for inspection in inspections:
        for _ in range(random.choices((0, 1, 2, 3), (48, 33, 14, 5))[0]):
            kind = _type(random, surfaces[inspection[1]])
            found.append((inspection[1], kind, _severity(random), inspection[2], inspection[0], None))
    for report in reports:
        if report[5] and report[6] and report[7] not in "DRN" and random.random() < 0.62:
            when = _iso(date.fromisoformat(str(report[1])) + timedelta(days=random.randint(0, 6)))
            found += [(report[5], report[6], _severity(random), when, None, report[0])] if when else []
    for _ in range(170):
        segment = random.choice(segments)
        found.append((segment[0], _type(random, segment[7]), _severity(random), f"{_season(random)}", None, None))
    found.sort(key=lambda defect: str(defect[3]))
    return [(number, *defect) for number, defect in enumerate(found, 10001)]


def _severity(random: Random) -> str:
    return random.choices("1234", (30, 40, 22, 8))[0]


def _orders(random: Random, segments: list[Row], defects: list[Row]) -> list[Row]:
    places = {segment[0]: segment for segment in segments}
    plans: list[tuple[date, str, Row, Row | None]] = []
    for defect in defects:
        if random.random() < {"1": 0.5, "2": 0.72, "3": 0.88, "4": 0.94}[str(defect[3])]:
            wait = int(random.expovariate(0.25 * int(str(defect[3]))))
            when = date.fromisoformat(str(defect[4])) + timedelta(days=wait)
            if when <= LAST_DAY:
                plans.append((when, DEFECTS[str(defect[2])][3], places[defect[1]], defect))
    paved = [segment for segment in segments if segment[7] != "GR"]
    plowed = [segment for segment in segments if segment[11] == "Y"]
    for year in range(2021, 2026):
        for _ in range(random.randint(19, 26)):
            plans.append((day(random, date(year, 3, 1), date(year, 8, 20)), "RSF", random.choice(paved), None))
        for _ in range(random.randint(24, 44)):
            early = day(random, date(year, 1, 1), date(year, 3, 20))
            late = day(random, date(year, 11, 20), date(year, 12, 31))
            when = random.choice((early, late))
            plans.append((when, "SNW", random.choice(plowed), None))
        for _ in range(random.randint(8, 14)):
            plans.append((day(random, date(year, 5, 1), date(year, 9, 30)), "RSD", random.choice(segments), None))
    counts: dict[int, int] = {}
    made = []
    for when, kind, place, defect in sorted(plans, key=lambda plan: plan[0]):
        counts[when.year] = counts.get(when.year, 0) + 1
        made.append(_order(random, when.year * 10000 + counts[when.year], when, kind, place, defect))
    return made


def _order(random: Random, number: int, when: date, kind: str, place: Row, defect: Row | None) -> Row:
    severity = int(str(defect[3])) if defect else 2
    target = DEFECTS[str(defect[2])][1] if defect else {"RSF": 90, "SNW": 2, "RSD": 45}[kind]
    chance = {"RSF": 0.0, "SNW": 0.06}.get(kind, {4: 0.6, 3: 0.08}.get(severity, 0.01))
    emergency = random.random() < chance
    priority = "1" if emergency else str(max(1, min(4, 5 - severity + random.choice((-1, 0, 0, 0, 1)))))
    due = when + timedelta(days=3 if emergency else target)
    took = max(1, int(random.lognormvariate(0, 0.75) * (2 if emergency else max(1, target * 0.62))))
    done = when + timedelta(days=took if random.random() > 0.25 or kind != "SNW" else 0)
    status = random.choices("CXHW", (93, 5, 1, 1))[0]
    if done > LAST_DAY or (kind != "SNW" and when > date(2025, 8, 15) and random.random() < 0.4):
        status = random.choices("NSWHX", (30, 34, 24, 8, 4))[0]
    crew: int | None = None
    contractor: int | None = None
    if random.random() < {"RSF": 0.82, "SNW": 0.05, "DRN": 0.2, "SGN": 0.14, "REP": 0.12, "RSD": 0.1}[kind]:
        who = {
            "RSF": {1: 34, 2: 24, 3: 18, 10: 8, 11: 6}, "SNW": {11: 3, 15: 1}, "DRN": {5: 20, 4: 9, 8: 3},
            "SGN": {6: 12, 7: 6}, "REP": {1: 20, 2: 10, 4: 5, 11: 9, 8: 3}, "RSD": {12: 10},
        }[kind]  # fmt: skip
        contractor = random.choices(list(who), list(who.values()))[0]
        contractor = 4 if contractor == 8 and when.year > 2022 else contractor
    elif status not in "NX" or random.random() < 0.4:
        mine = [n for n, own in enumerate(CREWS, 1) if own[1] == place[5] and (n != 10 or when.year < 2023)]
        mine = mine if random.random() < 0.93 else list(range(1, 9))
        crew = 9 if kind == "SGN" and random.random() < 0.75 else random.choice(mine)
    middle = {"RSF": 0, "SNW": 7.6, "DRN": 7.5, "SGN": 6.1, "REP": 7.0, "RSD": 6.4}[kind]
    cost = random.lognormvariate(middle, 0.7)
    cost = float(str(place[8])) * random.uniform(38_000, 66_000) if kind == "RSF" else cost
    estimate = None if kind == "SNW" or random.random() < 0.04 else round(cost, -1 if cost < 5_000 else -2)
    actual = round(cost * random.lognormvariate(0.03, 0.28), 2) if status == "C" and random.random() > 0.035 else None
    return (
        number, kind, place[0], defect and defect[0], crew, contractor, priority, "Y" if emergency else "N", status,
        f"{when}", f"{due}", f"{done}" if status == "C" else None, estimate, actual,
    )  # fmt: skip


def _materials(random: Random, orders: list[Row]) -> list[Row]:
    made: list[Row] = []
    for order in orders:
        if order[8] != "C" or random.random() < (0.75 if order[5] else 0.06):
            continue
        opened, closed = date.fromisoformat(str(order[9])), date.fromisoformat(str(order[11]))
        weights = dict(USES[str(order[1])])
        used: list[str] = []
        for _ in range(random.choice((1, 2, 2, 3, 3))):
            code = random.choices(list(weights), list(weights.values()))[0]
            used += [code] if code not in used else []
        for line, code in enumerate(used, 1):
            unit, price, much = MATERIALS[code]
            quantity = much * random.lognormvariate(0, 0.6) * (12 if order[1] == "RSF" and code != "PNT" else 1)
            quantity = max(0.25, round(quantity * 4) / 4) if unit == "TON" else max(1, round(quantity))
            paid = round(price * (1 + 0.05 * (opened.year - 2021)) * random.uniform(0.92, 1.1), 2)
            cost = None if random.random() < 0.015 else paid
            used_on = day(random, max(opened, closed - timedelta(days=5)), closed)
            made.append((order[0], line, code, quantity, unit, cost, f"{used_on}"))
    return made


def _vehicles(random: Random) -> list[Row]:
    kinds = {
        "Dump truck": (13, ("Mack", "Freightliner", "International"), 128_000),
        "Pickup": (14, ("Ford", "Chevrolet", "Ram"), 39_000), "Plow truck": (8, ("Mack", "International"), 176_000),
        "Motor grader": (4, ("Caterpillar", "John Deere"), 242_000),
        "Wheel loader": (4, ("Caterpillar", "Case"), 151_000), "Street sweeper": (2, ("Elgin",), 214_000),
        "Roller": (3, ("Bomag", "Caterpillar"), 68_000), "Patch truck": (3, ("International",), 189_000),
    }  # fmt: skip
    made: list[Row] = []
    for kind, (many, makes, price) in kinds.items():
        for _ in range(many):
            newer = random.random() < 0.45
            bought = day(random, date(2021 if newer else 2006, 1, 10), date(2025 if newer else 2020, 10, 30))
            driven = int((2026 - bought.year) * random.uniform(4_000, 14_500))
            miles = driven if "truck" in kind or kind == "Pickup" else None
            crew = None if random.random() < 0.14 else random.choice((1, 2, 3, 3, 4, 5, 5, 6, 6, 8, 8, 9))
            working = "N" if random.random() < (0.3 if bought.year < 2013 else 0.07) else "Y"
            paid = int(price * random.uniform(0.85, 1.15) * (1 - 0.025 * (2025 - bought.year)))
            cost = None if bought.year < 2010 and random.random() < 0.5 else float(paid)
            model = bought.year + (random.random() < 0.2)
            made.append((kind, random.choice(makes), model, crew, miles, f"{bought}", cost, working))
    made.sort(key=lambda vehicle: str(vehicle[5]))
    letters = {kind: "P" if kind == "Pickup" else "T" if "truck" in kind else "E" for kind in kinds}
    return [(f"{letters[str(vehicle[0])]}-{100 + number}", *vehicle) for number, vehicle in enumerate(made, 1)]


def _budgets(random: Random) -> list[Row]:
    shares = {"D1": 1.05, "D2": 1.35, "D3": 0.85, "D4": 0.95, "D5": 0.7}
    sums = {"MNT": 62_000, "RSF": 420_000, "SNW": 24_000, "EQP": 150_000}
    approved = {2021: "12-08", 2022: "12-14", 2023: "12-13", 2024: "12-12", 2025: "12-10"}
    made: list[Row] = []
    for year in approved:
        for district, share in shares.items():
            for kind, much in sums.items():
                if kind == "EQP" and random.random() < 0.2:
                    continue
                amount = round(much * share * (1 + 0.04 * (year - 2021)) * random.uniform(0.88, 1.12), -3)
                made.append((year, district, kind, float(amount), f"{year - 1}-{approved[year]}"))
    return made


ROADWORKS = Stranger("roadworks", DDL, rows, seed=67)
