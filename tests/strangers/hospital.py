"""A hospital's old system: terse upper-case names, one table of all codes, days as integers, no foreign keys."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day, packed
from tests.strangers.people import FIRST, LAST
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE PT (PT_NO INTEGER PRIMARY KEY, SRNM TEXT, FNM TEXT, DOB INTEGER, SX_CD TEXT, TWN TEXT, DCSD_DT INTEGER,
    REF_STF_NO INTEGER);
CREATE TABLE DPT (DPT_CD TEXT PRIMARY KEY, DPT_NM TEXT, FLR_NO INTEGER, BED_CNT INTEGER);
CREATE TABLE STF (STF_NO INTEGER PRIMARY KEY, SRNM TEXT, FNM TEXT, RLE_CD TEXT, DPT_CD TEXT, MGR_NO INTEGER,
    STRT_DT INTEGER, END_DT INTEGER, SAL_C INTEGER);
CREATE TABLE ADM (ADM_NO INTEGER PRIMARY KEY, PT_NO INTEGER, DPT_CD TEXT, ATT_STF_NO INTEGER, ADM_DT INTEGER,
    DSCH_DT INTEGER, TYP_CD TEXT, XN_CD TEXT);
CREATE TABLE ICD (ICD_CD TEXT PRIMARY KEY, DSC TEXT, CHP TEXT);
CREATE TABLE DX (ADM_NO INTEGER, SEQ INTEGER, ICD_CD TEXT);
CREATE TABLE BILL (BILL_NO INTEGER PRIMARY KEY, ADM_NO INTEGER, ISSD_DT INTEGER, AMT_C INTEGER, PD_C INTEGER,
    PYR_CD TEXT);
CREATE TABLE CD (CD_TYP TEXT, CD_VAL TEXT, TXT TEXT);
"""

DEPARTMENTS = [
    ("CAR", "Cardiology", 2, 40),
    ("NEU", "Neurology", 3, 28),
    ("ORT", "Orthopaedics", 1, 36),
    ("PED", "Paediatrics", 4, 30),
    ("ONC", "Oncology", 5, 24),
    ("GAS", "Gastroenterology", 2, 22),
    ("RES", "Respiratory Medicine", 3, 26),
    ("MAT", "Maternity", 4, 32),
    ("BRN", "Burns Unit", 5, 8),
]
CODES = [
    ("SX", "F", "Female"), ("SX", "M", "Male"), ("SX", "U", "Unknown"),
    ("TYP", "E", "Emergency"), ("TYP", "P", "Planned"), ("TYP", "T", "Transfer from another hospital"),
    ("XN", "H", "Home"), ("XN", "N", "Nursing home"), ("XN", "D", "Died"), ("XN", "A", "Left against medical advice"),
    ("RLE", "DR", "Doctor"), ("RLE", "NU", "Nurse"), ("RLE", "TH", "Therapist"), ("RLE", "AD", "Administrator"),
    ("PYR", "INS", "Private insurance"), ("PYR", "SLF", "Patient pays"), ("PYR", "GOV", "Public health fund"),
]  # fmt: skip
DIAGNOSES = [
    ("I10", "Hypertension", "Circulatory"), ("I21", "Heart attack", "Circulatory"),
    ("I50", "Heart failure", "Circulatory"),
    ("G40", "Epilepsy", "Nervous system"), ("G43", "Migraine", "Nervous system"), ("I63", "Stroke", "Circulatory"),
    ("S72", "Fractured femur", "Injury"), ("S52", "Fractured forearm", "Injury"),
    ("M17", "Knee arthrosis", "Musculoskeletal"),
    ("J45", "Asthma", "Respiratory"), ("J18", "Pneumonia", "Respiratory"), ("J44", "COPD", "Respiratory"),
    ("C50", "Breast cancer", "Neoplasm"), ("C34", "Lung cancer", "Neoplasm"), ("K35", "Appendicitis", "Digestive"),
    ("K80", "Gallstones", "Digestive"), ("O80", "Normal delivery", "Pregnancy"),
    ("O82", "Caesarean section", "Pregnancy"),
    ("E11", "Type 2 diabetes", "Endocrine"), ("B01", "Chickenpox", "Infection"), ("A90", "Dengue fever", "Infection"),
]  # fmt: skip
TOWNS = ("Harwick", "Millbrook", "Port Elden", "Saltash", "Thornbury", "Kingsmere")


def rows(random: Random) -> Rows:
    staff = [_member(random, number) for number in range(101, 171)]
    doctors = [member[0] for member in staff if member[3] == "DR"]
    patients = [_patient(random, number, doctors) for number in range(5001, 5421)]
    seen = [patient[0] for patient in patients[:360]]
    stays = [_stay(random, number, seen, staff) for number in range(1, 951)]
    diagnoses = [line for stay in stays for line in _diagnoses(random, stay[0])]
    billed = random.sample([stay for stay in stays if stay[5] is not None], 760)
    bills = [_bill(random, number, stay) for number, stay in enumerate(sorted(billed), 70001)]
    return {
        "PT": patients, "DPT": DEPARTMENTS, "STF": staff, "ADM": stays, "ICD": DIAGNOSES, "DX": diagnoses,
        "BILL": bills, "CD": CODES,
    }  # fmt: skip


def _member(random: Random, number: int) -> tuple[object, ...]:
    role = "DR" if number < 125 else random.choice(("NU", "NU", "NU", "TH", "AD"))
    chief = None if number <= 103 else random.randint(101, 103) if number < 125 else random.randint(104, 124)
    start = day(random, date(2008, 1, 1), date(2023, 12, 31))
    left = (
        day(random, start + timedelta(days=200), date(2024, 12, 31))
        if number > 112 and random.random() < 0.15
        else None
    )
    department = DEPARTMENTS[number % 8][0] if role != "AD" else None
    pay = {"DR": 720_000, "NU": 340_000, "TH": 310_000, "AD": 280_000}[role] + random.randint(0, 190) * 1_000
    who = (random.choice(LAST), random.choice(FIRST))
    return number, *who, role, department, chief, packed(start), packed(left), pay


def _patient(random: Random, number: int, doctors: list[object]) -> tuple[object, ...]:
    born = day(random, date(1932, 1, 1), date(2019, 12, 31))
    died = day(random, date(2023, 1, 1), date(2024, 12, 31)) if random.random() < 0.06 else None
    referred = random.choice(doctors[3:]) if random.random() < 0.6 else None
    sex = random.choices("FMU", (50, 46, 4))[0]
    return (
        number, random.choice(LAST), random.choice(FIRST), packed(born), sex, random.choice(TOWNS), packed(died),
        referred,
    )  # fmt: skip


def _stay(random: Random, number: int, patients: list[object], staff: list[tuple[object, ...]]) -> tuple[object, ...]:
    begun = date(2022, 1, 1) + timedelta(days=number * 1095 // 950 + random.randint(-1, 1))
    doctor = random.choice([member for member in staff if member[3] == "DR" and member[0] != 110])
    inside = number > 900 and random.random() < 0.4
    ended = None if inside else begun + timedelta(days=min(int(random.expovariate(0.18)), 45))
    kind = random.choices("EPT", (52, 40, 8))[0]
    outcome = None if inside else random.choices("HNDA", (80, 10, 6, 4))[0]
    patient = patients[int(random.random() ** 1.6 * len(patients))]
    return number, patient, doctor[4], doctor[0], packed(begun), packed(ended), kind, outcome


def _diagnoses(random: Random, stay: object) -> list[tuple[object, ...]]:
    weights = [3, 5, 6, 3, 4, 5, 7, 6, 5, 6, 8, 5, 4, 3, 5, 4, 7, 3, 9, 1, 0]
    drawn = dict.fromkeys(random.choices(DIAGNOSES, weights, k=random.choice((1, 1, 1, 2, 2, 3))))
    return [(stay, place, found[0]) for place, found in enumerate(drawn, 1)]


def _bill(random: Random, number: int, stay: tuple[object, ...]) -> tuple[object, ...]:
    out = date.fromisoformat(f"{stay[5]}")
    amount = random.randint(180, 9_500) * 100 + random.randint(0, 99)
    paid = random.choices((amount, 0, amount // 2), (76, 14, 10))[0]
    payer = random.choices(("INS", "SLF", "GOV"), (35, 15, 50))[0]
    return number, stay[0], packed(out + timedelta(days=random.randint(3, 40))), amount, paid, payer


HOSPITAL = Stranger("hospital", DDL, rows, seed=41)
