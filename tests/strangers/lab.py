"""A testing laboratory: a system of the 1990s, upper-case and abbreviated, codes half explained, dates as text."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE LB_MTRX (MTRX_CD TEXT PRIMARY KEY, MTRX_DSC TEXT);
CREATE TABLE LB_CMPL_RSN (RSN_CD TEXT PRIMARY KEY, RSN_DSC TEXT);
CREATE TABLE LB_CUST (CST_NO INTEGER PRIMARY KEY, CST_NM TEXT, CST_TYP TEXT, TWN TEXT, CNTC TEXT, TEL TEXT,
    OPN_DT TEXT, CR_LIM REAL, DSC_PCT REAL, ACTV_FLG TEXT);
CREATE TABLE LB_ANLST (ANL_INI TEXT PRIMARY KEY, ANL_NM TEXT, DEPT TEXT, HIR_DT TEXT, LFT_DT TEXT, SNR_FLG TEXT);
CREATE TABLE LB_MTHD (MTH_CD TEXT PRIMARY KEY, MTH_DSC TEXT, STD_REF TEXT, LST_PRC REAL, TAT_DYS INTEGER,
    ACRD_FLG TEXT);
CREATE TABLE LB_PCKUP (PKP_NO INTEGER PRIMARY KEY, CUST_NO INTEGER, CRR_NM TEXT, PKP_DT TEXT, BX_QTY INTEGER,
    CLD_FLG TEXT, PKP_FEE REAL, PK_STS TEXT);
CREATE TABLE LB_SMPL (SMP_NO INTEGER PRIMARY KEY, CST_NO INTEGER, PKP_NO INTEGER,
    MTRX_CD TEXT REFERENCES LB_MTRX (MTRX_CD), SMP_DSC TEXT, SMPLD_DT TEXT, RCVD_DT TEXT, TMP_RCV REAL, RSH_FLG TEXT,
    SMP_STS TEXT, RPT_DT TEXT);
CREATE TABLE LB_TST_RSLT (TST_ID INTEGER PRIMARY KEY, SMP_NO INTEGER, MTH_CD TEXT REFERENCES LB_MTHD (MTH_CD),
    INSTR TEXT, ANL_INI TEXT, STRT_DT TEXT, CMPL_DT TEXT, RSLT_VAL REAL, UNT TEXT, LMT_MAX REAL, VRDCT TEXT,
    RTST_FLG TEXT, CHG_AMT REAL);
CREATE TABLE LB_INVC (INV_NO INTEGER PRIMARY KEY, CST_NO INTEGER, INV_DT TEXT, DUE_DT TEXT, NET_AMT REAL, VAT_AMT REAL,
    PD_DT TEXT, RMND_CNT INTEGER);
CREATE TABLE LB_CMPLNT (CMP_NO INTEGER PRIMARY KEY, CST_NO INTEGER, SMPL_NO INTEGER, RCPT_DT TEXT,
    RSN_CD TEXT REFERENCES LB_CMPL_RSN (RSN_CD), HNDLR TEXT, CLSD_DT TEXT, JSTF_FLG TEXT, CRDT_AMT REAL);
"""

Row = tuple[object, ...]
Method = tuple[str, str, str, float, int, str, str, str, str, float | None, str]

START, END = date(2021, 1, 4), date(2025, 12, 12)
MATRICES = [
    ("DW", "Drinking water"), ("WW", "Waste water"), ("SO", "Soil"), ("ML", "Milk and dairy"), ("MT", "Meat"),
    ("FS", "Fish and seafood"), ("FV", "Fruit and vegetables"), ("SW", "Surface swab"),
]  # fmt: skip
REASONS = [
    ("LR", "Late report"), ("DR", "Result disputed"), ("ER", "Error in report"), ("BE", "Billing error"),
    ("CD", "Courier delay"), ("SM", "Sample mislaid"), ("CS", "Customer service"),
]  # fmt: skip
SUBJECTS = {
    "DW": ("Kitchen tap", "Reservoir outlet", "Borehole 2", "Hot tap 3rd floor", "Treatment works outlet"),
    "WW": ("Final effluent", "Grease trap", "Inlet", "Storm tank"),
    "SO": ("Field 4 topsoil", "Allotment plot", "Trial pit TP2", "Lower meadow"),
    "ML": ("Raw milk", "Natural yoghurt", "Soft cheese", "Butter salted", "Skimmed milk"),
    "MT": ("Minced beef", "Cooked ham", "Chicken breast", "Pork sausage"),
    "FS": ("Smoked salmon", "Mussels", "Cod fillet", "Cooked prawns"),
    "FV": ("Bagged salad", "Strawberries", "Spinach", "Carrots", "Cut melon"),
    "SW": ("Chopping board", "Slicer blade", "Cold room door", "Conveyor"),
}
CUSTOMERS = {
    "FP": (
        "Kestrel Dairy", "Fenn Bakery", "Harbour Smokehouse", "Longacre Meats", "Redgate Foods", "Sunny Bowl Salads",
        "Millrace Creamery", "Oakham Pies", "Blue Gull Seafood", "Verity Preserves", "Thornby Sausage Co",
        "Larkhill Ice Cream",
        "Castle Cheese", "Wold Poultry", "Fresh & Green Ltd", "Penn Ready Meals", "Granary Foods", "Bramble Juices",
        "Northern Spice Co", "Saltwell Fisheries", "Copperfield Butchers", "Hollins Egg Packers",
    ),
    "RS": (
        "The Copper Pan", "Bella Roma", "The Anchor Inn", "Golden Lotus", "The Old Forge",
        "Taverna Mykonos", "Spice Garden",
        "The Green Plate", "Chez Amelie", "Harbour Fish Bar", "The Black Swan", "Noodle Corner", "The Walled Garden",
        "Casa Pepe", "The Station Grill", "Little Saigon", "The Mustard Seed",
    ),
    "WC": ("Northmere Water", "Severn Vale Water", "Dunbrook Utilities", "Hexford Springs", "Three Rivers Water"),
    "FM": (
        "Hill Top Farm", "Manor Farm", "Brook End Farm", "Ashdown Growers", "Westfield Farm", "Grange Farm",
        "Larch Farm",
        "Upper Mill Farm", "Stonecross Farm", "Priory Fields", "Low Moor Farm", "Whitehouse Farm",
        "Orchard Lane Growers",
        "Skylark Organics", "Ferry Farm", "Tithe Barn Farm", "Cold Comfort Farm",
    ),
    "LA": (
        "Aldwick Town Council", "Hexford Borough Council", "Castleby District Council", "Dunbrook Council",
        "Ravensholm City Council", "Whitlow Parish Council", "Northmere County Council",
    ),
    "HT": (
        "Grand Hotel Castleby", "The Regent", "Lakeside Lodge", "Station Hotel", "The White Hart", "Ravensholm Plaza",
        "Seaview Hotel", "Park House Hotel", "The Royal Oak Hotel", "Hexford Manor", "The Bay Hotel",
    ),
}  # fmt: skip
SENT = {
    "FP": ("ML", "MT", "FS", "FV", "SW"), "RS": ("SW", "MT", "FS", "FV"), "WC": ("DW", "DW", "DW", "WW"),
    "FM": ("SO", "ML", "FV", "DW"), "LA": ("DW", "WW", "SO", "SW"), "HT": ("DW", "DW", "SW"),
}  # fmt: skip
TOWNS = ("Aldwick", "Castleby", "Hexford", "Ravensholm", "Dunbrook", "Whitlow", "Northmere", "Port Selby")
# Code, name, standard, price, days, accredited; then what it's run on: matrices, department, unit, limit, instruments.
METHODS: list[Method] = [
    ("SA", "Salmonella", "ISO 6579-1", 24.5, 5, "Y", "ML MT FS FV SW", "MICRO", "cfu/25g", 0.0, "PCR-1 PCR-2"),
    ("LI", "Listeria monocytogenes", "ISO 11290-2", 28.0, 5, "Y", "ML MT FS FV SW",
        "MICRO", "cfu/g", 100.0, "PCR-1 PCR-2"),
    ("EC", "E. coli", "ISO 9308-1", 16.5, 3, "Y", "DW WW ML MT FV", "MICRO", "cfu/ml", 10.0, "INC-1 INC-2 INC-3"),
    ("CO", "Total coliforms", "ISO 9308-1", 15.0, 3, "Y", "DW WW SW", "MICRO", "cfu/ml", 20.0, "INC-1 INC-2 INC-3"),
    ("TV", "Total viable count", "ISO 4833-1", 12.75, 3, "Y", "ML MT FS SW", "MICRO", "cfu/g", 100000.0, ""),
    ("LE", "Legionella", "ISO 11731", 42.0, 12, "Y", "DW", "MICRO", "cfu/l", 1000.0, "INC-2"),
    ("PB", "Lead", "ISO 17294-2", 19.0, 4, "Y", "DW WW SO FS", "METALS", "ug/l", 10.0, "ICPMS-1 ICPMS-2"),
    ("CD", "Cadmium", "ISO 17294-2", 18.5, 4, "Y", "DW SO FS", "METALS", "ug/l", 5.0, "ICPMS-1 ICPMS-2"),
    ("AS", "Arsenic", "ISO 17294-2", 19.5, 4, "Y", "DW SO", "METALS", "ug/l", 10.0, "ICPMS-1 ICPMS-2"),
    ("HG", "Mercury", "EPA 7473", 26.0, 5, "N", "FS SO", "METALS", "ug/l", 1.0, "DMA-1"),
    ("NI", "Nitrate", "ISO 10304-1", 11.5, 3, "Y", "DW WW FV", "CHEM", "mg/l", 50.0, "IC-1"),
    ("PH", "pH value", "ISO 10523", 6.5, 1, "Y", "DW WW SO", "CHEM", "pH", None, "PHM-1"),
    ("BO", "Biochemical oxygen demand", "ISO 5815-1", 22.0, 6, "Y", "WW", "CHEM", "mg/l", 25.0, ""),
    ("PE", "Pesticide residues", "EN 15662", 135.0, 8, "Y", "FV DW", "CHEM", "mg/kg", 0.05, "GCMS-1 HPLC-2"),
    ("AF", "Aflatoxins", "EN 14123", 88.0, 7, "N", "ML", "CHEM", "ug/kg", 0.5, "HPLC-1 HPLC-2"),
    ("GL", "Gluten", "AOAC 2012.01", 47.5, 4, "N", "MT", "CHEM", "mg/kg", 20.0, "ELISA-1"),
    ("FT", "Fat content", "ISO 1211", 14.0, 2, "Y", "ML MT", "CHEM", "%", None, ""),
    ("PF", "PFAS", "EPA 537.1", 210.0, 15, "N", "", "CHEM", "ug/l", 0.1, ""),
    ("DX", "Dioxins", "EPA 1613B", 390.0, 20, "N", "", "CHEM", "pg/g", 2.5, ""),
]  # fmt: skip
ANALYSTS = [
    ("HGR", "Hana Gruber", "MICRO", "20080303", None, "Y"), ("OKP", "Olga Kowalski", "MICRO", "20130916", None, "Y"),
    ("SHD", "Samir Haddad", "MICRO", "20170201", "20230630", "N"),
    ("TJN", "Tess Jensen", "MICRO", "20190805", None, "N"),
    ("MDU", "Milan Duarte", "MICRO", "20211101", None, "N"), ("NXU", "Noor Xu", "MICRO", "20230717", None, "N"),
    ("BCS", "Bruno Castellano", "MICRO", "20240408", "20250214", "N"),
    ("EBR", "Edith Brandt", "CHEM", "20050620", "20220930", "Y"),
    ("VPT", "Viktor Petrov", "CHEM", "20110110", None, "Y"),
    ("CMO", "Clara Moreau", "CHEM", "20160502", None, "Y"), ("YSA", "Yusuf Sato", "CHEM", "20200113", None, "N"),
    ("GTA", "Gita Tanaka", "CHEM", "20220905", None, "N"), ("JRO", "Jonas Rossi", "CHEM", "20250602", None, "N"),
    ("ICT", "Imani Costa", "METALS", "20091012", None, "Y"), ("LEK", "Luca Eriksen", "METALS", "20180319", None, "N"),
    ("RWE", "Rosa Weiss", "METALS", "20210215", "20240531", "N"),
    ("AQU", "Amir Quist", "METALS", "20240603", None, "N"),
]  # fmt: skip
COURIERS = ("Swift Cold Couriers", "Pennine Parcels", "Arrow Van Service", "Blue Crate Logistics")


def rows(random: Random) -> Rows:
    customers = _customers(random)
    senders = customers[:-7]
    sizes = {customer[0]: random.lognormvariate(0, 0.9) for customer in senders}
    sizes[1001] = 5.5
    pickups = _pickups(random, senders, sizes)
    samples, tests = _samples(random, senders, sizes, pickups)
    seen = {sample[1] for sample in samples}
    return {
        "LB_MTRX": MATRICES, "LB_CMPL_RSN": REASONS, "LB_CUST": customers, "LB_ANLST": ANALYSTS,
        "LB_MTHD": [method[:6] for method in METHODS], "LB_PCKUP": pickups, "LB_SMPL": samples, "LB_TST_RSLT": tests,
        "LB_INVC": _invoices(random, [customer for customer in senders if customer[0] in seen], sizes),
        "LB_CMPLNT": _complaints(random, senders, sizes, samples),
    }  # fmt: skip


def _text(when: date | None) -> str | None:
    return None if when is None else when.strftime("%Y%m%d")


def _read(text: object) -> date:
    return date(int(str(text)[:4]), int(str(text)[4:6]), int(str(text)[6:]))


def _workday(when: date) -> date:
    return when - timedelta(days=max(0, when.weekday() - 4))


def _customers(random: Random) -> list[Row]:
    known = [(name, kind) for kind, names in CUSTOMERS.items() for name in names]
    first = [pair for pair in known if pair[0] in ("Kestrel Dairy", "Northmere Water", "Aldwick Town Council")]
    rest = [pair for pair in known if pair not in first]
    random.shuffle(rest)
    contacts = people(random, len(known))
    return [_customer(random, number, pair, contacts[number]) for number, pair in enumerate(first + rest)]


def _customer(random: Random, number: int, pair: tuple[str, str], contact: str) -> Row:
    name, kind = pair
    town = next((town for town in TOWNS if town in name), random.choices(TOWNS, (20, 17, 15, 13, 9, 7, 6, 4))[0])
    old = number < 3 or random.random() < 0.7
    opened = day(random, date(2004, 1, 5), date(2020, 11, 30)) if old else day(random, START, date(2024, 10, 31))
    active = "Y" if number < 3 or opened.year > 2022 or random.random() < 0.85 else "N"
    return (
        1001 + number, name, kind, town, contact if random.random() < 0.92 else None,
        _phone(random) if number == 0 or random.random() < 0.88 else None, _text(_workday(opened)),
        random.choices((None, 500.0, 1000.0, 2500.0, 5000.0, 10000.0), (20, 20, 30, 16, 9, 5))[0],
        random.choices((0.0, 5.0, 7.5, 10.0, 15.0), (62, 16, 8, 10, 4))[0], active,
    )  # fmt: skip


def _phone(random: Random) -> str:
    return f"01{random.randint(300, 989)} {random.randint(200_000, 899_999)}"


def _span(customer: Row) -> tuple[date, date]:
    """The first and the last day on which the customer sent things."""
    return max(START, _read(customer[6])), END if customer[9] == "Y" else date(2023, 10, 31)


def _when(random: Random, customer: Row) -> date:
    first, last = _span(customer)
    share = random.random() ** 0.8
    return _workday(first + timedelta(days=int(share * (last - first).days)))


def _some(random: Random, customers: list[Row], sizes: dict[object, float]) -> Row:
    return random.choices(customers, [sizes[customer[0]] for customer in customers])[0]


def _pickups(random: Random, senders: list[Row], sizes: dict[object, float]) -> list[Row]:
    drawn = []
    for _ in range(640):
        customer = _some(random, senders, sizes)
        drawn.append((_when(random, customer), customer[0], random.choices(COURIERS, (45, 27, 18, 10))[0]))
    made: list[Row] = []
    for number, (when, customer_number, courier) in enumerate(sorted(drawn), 50_001):
        status = random.choices(("CL", "MS", "CN"), (86, 8, 6))[0]
        boxes = random.choices((1, 2, 3, 4, 6), (46, 28, 14, 8, 4))[0]
        cold = "Y" if random.random() < 0.64 else "N"
        fee = round(9.5 + 3.25 * boxes + (6 if cold == "Y" else 0) + random.randint(0, 1600) / 100, 2)
        done = status == "CL"
        made.append(
            (
                number, customer_number, courier, _text(when), boxes if done else None, cold, fee if done else None,
                status,
            )
        )  # fmt: skip
    return made


def _samples(
    random: Random, senders: list[Row], sizes: dict[object, float], pickups: list[Row]
) -> tuple[list[Row], list[Row]]:
    known = {customer[0]: customer for customer in senders}
    collected = [pickup for pickup in pickups if pickup[7] == "CL"]
    drawn: list[tuple[date, int, int | None]] = []
    for _ in range(1180):
        if random.random() < 0.6:
            pickup = random.choice(collected)
            received = min(END, _read(pickup[3]) + timedelta(days=random.choice((0, 0, 1))))
            drawn.append((received, int(str(pickup[1])), int(str(pickup[0]))))
        else:
            customer = _some(random, senders, sizes)
            drawn.append((_when(random, customer), int(str(customer[0])), None))
    samples: list[Row] = []
    tests: list[Row] = []
    for number, (received, customer_number, pickup_number) in enumerate(
        sorted(drawn, key=lambda draft: (draft[0], draft[1], draft[2] or 0)), 100_001
    ):
        customer = known[customer_number]
        matrix = random.choice(SENT[str(customer[2])])
        rush = "Y" if random.random() < 0.17 else "N"
        own: list[Row] = []
        status, reported = "RP", None
        if random.random() < 0.04:
            status = "RJ"
        elif received > END - timedelta(days=3):
            status = "RC"
        else:
            own, last = _tests(random, number, matrix, received, rush, customer, len(tests) + 1)
            reported = last + timedelta(days=random.choice((0, 1, 1, 2, 3, 5)))
            if reported > END or (received > END - timedelta(days=21) and random.random() < 0.6):
                status, reported = "IP", None
        tests += own
        cold = matrix in ("ML", "MT", "FS")
        degrees = round(max(0.4, random.gauss(4.6, 2.0) if cold else random.gauss(9, 3.5)), 1)
        warmth = None if random.random() < 0.14 else degrees
        taken = None if random.random() < 0.08 else received - timedelta(days=random.choice((0, 0, 1, 1, 2)))
        subject = random.choice(SUBJECTS[matrix]) if random.random() < 0.95 else None
        samples.append(
            (
                number, customer_number, pickup_number, matrix, subject, _text(taken), _text(received), warmth, rush,
                status, _text(reported),
            )
        )  # fmt: skip
    return samples, tests


def _tests(
    random: Random, sample: int, matrix: str, received: date, rush: str, customer: Row, number: int
) -> tuple[list[Row], date]:
    """The tests of one sample, and the day on which the last is complete."""
    fit = [method for method in METHODS if matrix in method[6].split()]
    chosen = random.sample(fit, min(len(fit), random.choices((1, 2, 3, 4), (24, 34, 28, 14))[0]))
    made: list[Row] = []
    last = received
    for method in chosen:
        started = min(END, received + timedelta(days=random.choice((0, 0, 1, 2)) if rush == "N" else 0))
        quicker = 2 if rush == "Y" else 0
        ended = started + timedelta(days=max(1, method[4] - quicker + random.choice((-1, 0, 0, 0, 1, 3))))
        last = max(last, ended)
        value, verdict = _outcome(random, method)
        if ended > END:
            value, verdict = None, None
        here = [person for person in ANALYSTS if person[2] == method[7] and _employed(person, started)]
        weights = [2 if person[5] == "N" else 1 for person in here]
        price = method[3] * (1 - float(str(customer[8])) / 100) * (1.5 if rush == "Y" else 1)
        made.append(
            (
                number + len(made), sample, method[0], random.choice(method[10].split()) if method[10] else None,
                random.choices(here, weights)[0][0], _text(started), _text(ended) if ended <= END else None, value,
                method[8], method[9], verdict, "Y" if random.random() < 0.04 else "N", round(price, 2),
            )
        )  # fmt: skip
    return made, last


def _employed(person: tuple[str, str, str, str, str | None, str], on: date) -> bool:
    return person[3] <= str(_text(on)) <= (person[4] or "99991231")


def _outcome(random: Random, method: Method) -> tuple[float | None, str | None]:
    limit = method[9]
    if limit is None:
        value = round(random.gauss(7.2, 0.5), 1) if method[0] == "PH" else round(random.uniform(0.3, 28), 1)
        return value, None
    if random.random() < 0.015:
        return None, "I"
    if limit == 0:
        value = float(random.randint(1, 9)) if random.random() < 0.06 else 0.0
    else:
        value = round(limit / 6 * random.lognormvariate(0, 1.15), 0 if limit >= 100 else 4 if limit < 1 else 2)
    return value, "F" if value > limit else "P"


def _invoices(random: Random, senders: list[Row], sizes: dict[object, float]) -> list[Row]:
    drawn: list[tuple[date, int, float]] = []
    for customer in senders:
        first, last = _span(customer)
        size = sizes[customer[0]]
        for month in range(60):
            on = date(2021 + month // 12, month % 12 + 1, random.randint(24, 28))
            if first <= on <= min(last, END) and random.random() < min(0.85, 0.13 * size + 0.03):
                net = round(random.lognormvariate(4.4, 0.6) * size**0.5, 2)
                drawn.append((on, int(str(customer[0])), net))
    return [_invoice(random, number, *draft) for number, draft in enumerate(sorted(drawn), 20_210_001)]


def _invoice(random: Random, number: int, on: date, customer: int, net: float) -> Row:
    due = on + timedelta(days=30)
    paid: date | None = on + timedelta(days=max(2, int(random.gauss(23, 10))))
    if paid is not None and (paid > END or random.random() < 0.03):
        paid = None
    late = ((paid or END) - due).days
    reminders = 0 if late < 5 else 1 if late < 15 else 2 if late < 40 else 3
    return number, customer, _text(on), _text(due), net, round(net * 0.2, 2), _text(paid), reminders


def _complaints(random: Random, senders: list[Row], sizes: dict[object, float], samples: list[Row]) -> list[Row]:
    reported = [sample for sample in samples if sample[10]]
    drawn: list[tuple[date, int, int | None, str]] = []
    for _ in range(164):
        if random.random() < 0.62:
            sample = random.choice(reported)
            on = _read(sample[10]) + timedelta(days=random.randint(1, 25))
            reason = random.choices(("LR", "DR", "ER", "SM"), (50, 26, 20, 4))[0]
            drawn.append((on, int(str(sample[1])), int(str(sample[0])), reason))
        else:
            customer = _some(random, senders, sizes)
            reason = random.choices(("BE", "CD", "CS", "SM"), (48, 30, 14, 8))[0]
            drawn.append((_when(random, customer), int(str(customer[0])), None, reason))
    kept = sorted((draft for draft in drawn if draft[0] <= END), key=lambda draft: (draft[0], draft[1], draft[2] or 0))
    return [_complaint(random, number, *draft) for number, draft in enumerate(kept, 701)]


def _complaint(random: Random, number: int, on: date, customer: int, sample: int | None, reason: str) -> Row:
    seniors = [person for person in ANALYSTS if person[5] == "Y" and _employed(person, on)]
    handler = random.choice(seniors)[0] if random.random() < 0.93 else None
    closed: date | None = on + timedelta(days=random.randint(2, 38))
    if closed is not None and (closed > END or random.random() < 0.04):
        closed = None
    justified = None if closed is None else random.choices(("Y", "N"), (57, 43))[0]
    credit = round(random.uniform(10, 240), 2) if justified == "Y" and random.random() < 0.45 else None
    return number, customer, sample, _text(on), reason, handler, _text(closed), justified, credit


LAB = Stranger("lab", DDL, rows, seed=61)
