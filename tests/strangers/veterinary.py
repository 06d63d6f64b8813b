"""A vet's office database: names with spaces, brackets and signs, truth values of -1 and 0, no keys declared at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE "Owners" ("Owner ID" INTEGER, "Full Name" TEXT, "Suburb" TEXT, "Mobile" TEXT, "Client Since" DATE,
    "Concession Card" INTEGER);
CREATE TABLE "Species List" ("Species Code" TEXT, "Common Name" TEXT, "Exotic?" INTEGER);
CREATE TABLE "Animals" ("Animal ID" INTEGER, "Call Name" TEXT, "Species Code" TEXT, "Breed" TEXT, "Sex" TEXT,
    "Date of Birth" DATE, "Weight (kg)" REAL, "Owner ID" INTEGER, "Mother ID" INTEGER, "Desexed" INTEGER,
    "Deceased On" DATE);
CREATE TABLE "Clinic Staff" ("Staff ID" INTEGER, "Full Name" TEXT, "Position" TEXT, "Hourly Rate ($)" REAL,
    "Started" DATE, "Finished" DATE, "Supervisor ID" INTEGER);
CREATE TABLE "Appointments" ("Appt No" INTEGER, "Animal ID" INTEGER, "Vet ID" INTEGER, "Booked For" TIMESTAMP,
    "Length (min)" INTEGER, "Reason" TEXT, "Outcome" TEXT);
CREATE TABLE "Treatment Catalogue" ("Item Code" TEXT, "Description" TEXT, "Category" TEXT, "Unit Price ($)" REAL);
CREATE TABLE "Treatments Given" ("Appt No" INTEGER, "Item Code" TEXT, "Qty" INTEGER, "Discount %" REAL);
CREATE TABLE "Vaccinations" ("Vaccination ID" INTEGER, "Animal ID" INTEGER, "Vaccine" TEXT, "Given On" DATE,
    "Next Due" DATE);
"""

SPECIES = [
    ("D", "Dog", 0), ("C", "Cat", 0), ("R", "Rabbit", 0), ("B", "Budgerigar", 0), ("P", "Bearded dragon", -1),
    ("S", "Python", -1), ("T", "Tortoise", -1), ("F", "Ferret", -1),
]  # fmt: skip
BREEDS = {
    "D": ("Kelpie", "Beagle", "Greyhound", "Cavoodle"),
    "C": ("Burmese", "Ragdoll", "Domestic shorthair"),
    "R": ("Lop",),
}
WEIGHTS = {"D": 22.0, "C": 4.6, "R": 2.1, "B": 0.04, "P": 0.4, "S": 3.0, "T": 1.5}
CATALOGUE = [
    ("CON1", "Standard consultation", "Consult", 88.0), ("CON2", "Long consultation", "Consult", 132.0),
    ("XRY", "X-ray", "Imaging", 245.0), ("ULT", "Ultrasound", "Imaging", 310.0),
    ("DEN", "Dental cleaning", "Surgery", 420.0),
    ("DSX", "Desexing", "Surgery", 365.0), ("STI", "Stitches", "Surgery", 190.0),
    ("ANT", "Antibiotics course", "Medicine", 46.5),
    ("PAI", "Pain relief", "Medicine", 28.0), ("WRM", "Worming tablet", "Medicine", 17.5),
    ("CLW", "Claw trim", "Grooming", 25.0),
    ("CHP", "Microchip", "Other", 60.0), ("LAS", "Laser therapy", "Other", 150.0),
]  # fmt: skip
NAMES = [
    "Bella",
    "Max",
    "Luna",
    "Ziggy",
    "Pepper",
    "Milo",
    "Coco",
    "Gizmo",
    "Daisy",
    "Rex",
    "Shadow",
    "Olive",
    "Biscuit",
    "Nugget",
    "Pixel",
    "Mango",
    "Tango",
    "Waffles",
]
SUBURBS = ("Fitzroy", "Northcote", "Brunswick", "Footscray", "St Kilda", "Coburg")
REASONS = ("check-up", "vaccination", "limping", "vomiting", "skin problem", "dental", "surgery", "follow-up")


def rows(random: Random) -> Rows:
    owners = [_owner(random, number, name) for number, name in enumerate(people(random, 310), 1)]
    staff = [_member(random, number, name) for number, name in enumerate(people(random, 24), 1)]
    animals: list[tuple[object, ...]] = []
    for number in range(1, 491):
        animals.append(_animal(random, number, animals))
    visits = [_visit(random, number, animals) for number in range(1, 1501)]
    given = [line for visit in visits if visit[6] == "seen" for line in _given(random, visit)]
    shots = [_shot(random, number, animals) for number in range(1, 501)]
    return {
        "Owners": owners, "Species List": SPECIES, "Animals": animals, "Clinic Staff": staff, "Appointments": visits,
        "Treatment Catalogue": CATALOGUE, "Treatments Given": given, "Vaccinations": shots,
    }  # fmt: skip


def _owner(random: Random, number: int, name: str) -> tuple[object, ...]:
    mobile = f"04{random.randint(10_000_000, 99_999_999)}" if random.random() < 0.9 else None
    since = day(random, date(2010, 1, 1), date(2024, 11, 30)).isoformat()
    suburb = random.choices(SUBURBS, (25, 20, 18, 14, 12, 8))[0]
    return number, name, suburb, mobile, since, -1 if random.random() < 0.17 else 0


def _member(random: Random, number: int, name: str) -> tuple[object, ...]:
    job = "Veterinarian" if number < 9 else random.choice(("Nurse", "Nurse", "Receptionist"))
    started = day(random, date(2009, 1, 1), date(2023, 6, 30))
    finished = started + timedelta(days=random.randint(300, 700)) if number in (7, 12, 19) else None
    rate = round({"Veterinarian": 62, "Nurse": 36, "Receptionist": 30}[job] + random.uniform(0, 14), 2)
    boss = None if number == 1 else 1 if number < 9 else random.randint(2, 8)
    return number, name, job, rate, f"{started}", finished and f"{finished}", boss


def _animal(random: Random, number: int, before: list[tuple[object, ...]]) -> tuple[object, ...]:
    kind = random.choices("DCRBPST", (48, 34, 6, 4, 4, 2, 2))[0]
    born = day(random, date(2008, 1, 1), date(2024, 6, 30))
    died = day(random, max(born, date(2019, 1, 1)), date(2024, 12, 31)) if random.random() < 0.12 else None
    weight = round(WEIGHTS[kind] * random.uniform(0.4, 1.8), 2) if random.random() < 0.93 else None
    mothers = [one[0] for one in before if one[2] == kind and one[4] == "F" and str(one[5]) < f"{born.year - 1}"]
    mother = random.choice(mothers) if mothers and random.random() < 0.12 else None
    breed = random.choice(BREEDS[kind]) if kind in BREEDS and random.random() < 0.85 else None
    owner = int(random.random() ** 1.2 * 290) + 1
    return (
        number, random.choice(NAMES), kind, breed, random.choice("FM"), f"{born}", weight, owner, mother,
        -1 if random.random() < 0.6 else 0, died and f"{died}",
    )  # fmt: skip


def _visit(random: Random, number: int, animals: list[tuple[object, ...]]) -> tuple[object, ...]:
    at = datetime(2022, 1, 3, 8) + timedelta(days=number * 1085 // 1500, minutes=15 * random.randint(0, 38))
    outcome = random.choices(("seen", "no-show", "cancelled"), (86, 6, 8))[0]
    vet = random.choice((1, 2, 2, 3, 4, 5, 5, 6, 8))
    animal = random.choice(animals[:455])[0]
    return (
        number, animal, vet, f"{at:%Y-%m-%d %H:%M:%S}", random.choice((15, 15, 30, 30, 45, 90)),
        random.choice(REASONS), outcome,
    )  # fmt: skip


def _given(random: Random, visit: tuple[object, ...]) -> list[tuple[object, ...]]:
    weights = (34, 8, 6, 3, 4, 4, 4, 12, 11, 9, 6, 3, 0)
    items = dict.fromkeys(item[0] for item in random.choices(CATALOGUE, weights, k=random.choice((1, 1, 2, 3))))
    return [(visit[0], item, random.choice((1, 1, 1, 2)), random.choice((0.0, 0.0, 0.0, 10.0, None))) for item in items]


def _shot(random: Random, number: int, animals: list[tuple[object, ...]]) -> tuple[object, ...]:
    animal = random.choice([one for one in animals[:430] if one[2] in "DC"])
    vaccine = random.choice(("C5", "Parvovirus", "Kennel cough") if animal[2] == "D" else ("F3", "FIV"))
    on = day(random, date(2021, 6, 1), date(2024, 12, 15))
    due = on + timedelta(days=365) if random.random() < 0.85 else None
    return number, animal[0], vaccine, f"{on}", due and f"{due}"


VETERINARY = Stranger("veterinary", DDL, rows, seed=47)
