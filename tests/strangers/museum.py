"""A museum: CamelCase singular names, declared foreign keys, galleries in galleries, a bridge of exhibited works."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE Artist (ArtistId INTEGER PRIMARY KEY, FullName TEXT NOT NULL, Nationality TEXT, BornYear INTEGER,
    DiedYear INTEGER);
CREATE TABLE Gallery (GalleryId INTEGER PRIMARY KEY, GalleryName TEXT, FloorNumber INTEGER, AreaSqm REAL,
    ParentGalleryId INTEGER REFERENCES Gallery (GalleryId));
CREATE TABLE StaffMember (StaffMemberId INTEGER PRIMARY KEY, FullName TEXT, JobTitle TEXT, HiredOn DATE,
    ReportsToId INTEGER REFERENCES StaffMember (StaffMemberId));
CREATE TABLE Artwork (ArtworkId INTEGER PRIMARY KEY, Title TEXT, ArtistId INTEGER REFERENCES Artist (ArtistId),
    YearMade INTEGER, Medium TEXT, HeightCm REAL, WidthCm REAL, AcquiredOn DATE, AcquisitionKind TEXT,
    InsuredValueEur REAL, HomeGalleryId INTEGER REFERENCES Gallery (GalleryId));
CREATE TABLE Exhibition (ExhibitionId INTEGER PRIMARY KEY, Title TEXT, OpensOn DATE, ClosesOn DATE,
    CuratorId INTEGER REFERENCES StaffMember (StaffMemberId), TicketPriceEur REAL);
CREATE TABLE ExhibitedArtwork (ExhibitionId INTEGER REFERENCES Exhibition (ExhibitionId),
    ArtworkId INTEGER REFERENCES Artwork (ArtworkId), WallLabel TEXT, PRIMARY KEY (ExhibitionId, ArtworkId));
CREATE TABLE OutgoingLoan (OutgoingLoanId INTEGER PRIMARY KEY, ArtworkId INTEGER REFERENCES Artwork (ArtworkId),
    BorrowerName TEXT, BorrowerCity TEXT, SentOn DATE, ReturnedOn DATE, FeeEur REAL);
CREATE TABLE VisitDay (VisitDate DATE PRIMARY KEY, AdultVisitors INTEGER, ChildVisitors INTEGER,
    MemberVisitors INTEGER, ShopRevenueEur REAL);
"""

NATIONALITIES = ("French", "Dutch", "Italian", "Japanese", "Mexican", "Nigerian", "Danish")
MEDIA = ("oil on canvas", "watercolour", "bronze", "marble", "photograph", "woodcut", "charcoal on paper")
GALLERIES = [
    (1, "East Wing", 0, 900.0, None), (2, "West Wing", 0, 750.0, None), (3, "Upper Hall", 1, 620.0, None),
    (4, "Dutch Room", 0, 140.0, 1), (5, "Print Cabinet", 0, 60.0, 1), (6, "Sculpture Court", 0, 310.0, 2),
    (7, "Blue Room", 1, 95.5, 3), (8, "Long Gallery", 1, 210.0, 3), (9, "Study Room", 1, 40.0, 3),
    (10, "Lantern Room", 0, 88.0, 2),
]  # fmt: skip
SHOWS = (
    "Light on Water", "After the Flood", "Hands", "A Century of Prints", "The Quiet Room", "Northern Skies",
    "Bronze Age Now", "Letters Home", "Red", "Gardens of Kyoto", "Faces in the Crowd", "Salt and Silver",
    "The Long Winter", "Women at Work", "Maps of Nowhere", "New Acquisitions", "Still Lives", "Harbour Lights",
)  # fmt: skip
BORROWERS = (
    ("Musée des Tuileries", "Paris"), ("Rijn Museum", "Leiden"), ("Kunsthalle Ost", "Leipzig"),
    ("Galleria Vela", "Turin"),
    ("Hakone Art House", "Hakone"), ("Lyon Modern", "Lyon"), ("Palais Carré", "Paris"),
)  # fmt: skip
NOUNS = ("Harbour", "Orchard", "Widow", "Horses", "Bridge", "Bathers", "Market", "Storm", "Window", "Mother", "Harvest")
ADJECTIVES = ("Blue", "Sleeping", "Broken", "White", "Last", "Burning", "Small", "Silent", "Yellow", "Drowned", "Old")


def rows(random: Random) -> Rows:
    staff = [_member(random, number, name) for number, name in enumerate(people(random, 52), 1)]
    artists = [_artist(random, number, name) for number, name in enumerate(people(random, 70), 1)]
    artworks = [_artwork(random, number, artists[:62]) for number in range(1, 521)]
    shows = [_show(random, number, title) for number, title in enumerate(SHOWS, 1)]
    shown = [link for show in shows[:-1] for link in _links(random, show[0], artworks[:470])]
    loans = [_loan(random, number, artworks) for number in range(1, 141)]
    days = [_visits(random, date(2023, 1, 1) + timedelta(days=n)) for n in range(731)]
    open_days = [visit for visit in days if date.fromisoformat(str(visit[0])).weekday() != 0]
    return {
        "Artist": artists, "Gallery": GALLERIES, "StaffMember": staff, "Artwork": artworks, "Exhibition": shows,
        "ExhibitedArtwork": shown, "OutgoingLoan": loans, "VisitDay": open_days,
    }  # fmt: skip


def _member(random: Random, number: int, name: str) -> tuple[object, ...]:
    job = (
        "Director"
        if number == 1
        else "Curator"
        if number < 9
        else random.choice(("Guard", "Guard", "Conservator", "Guide"))
    )
    boss = None if number == 1 else 1 if number < 9 else random.randint(2, 8)
    return number, name, job, day(random, date(2005, 1, 1), date(2024, 10, 1)).isoformat(), boss


def _artist(random: Random, number: int, name: str) -> tuple[object, ...]:
    born = random.randint(1580, 1995)
    died = None if born > 1940 else born + random.randint(28, 90)
    return number, name, random.choices(NATIONALITIES, (9, 8, 6, 4, 3, 2, 2))[0], born, died


def _artwork(random: Random, number: int, artists: list[tuple[object, ...]]) -> tuple[object, ...]:
    artist = random.choice(artists) if random.random() < 0.92 else None
    made = int(str(artist[3])) + random.randint(20, 27) if artist else random.randint(1500, 1900)
    kind = random.choices(("purchase", "gift", "bequest", "transfer"), (40, 38, 15, 7))[0]
    value = round(random.lognormvariate(10.5, 1.2), 2) if random.random() < 0.9 else None
    home = random.choices([row[0] for row in GALLERIES[3:9]], (5, 7, 4, 4, 6, 1))[0] if random.random() < 0.55 else None
    height, width = (round(random.uniform(12, 240), 1) for _ in range(2))
    got = day(random, date(1960, 1, 1), date(2024, 11, 30)).isoformat()
    title = f"{random.choice(ADJECTIVES)} {random.choice(NOUNS)}"
    return (
        number, title, artist[0] if artist else None, made, random.choice(MEDIA), height, width, got, kind, value, home,
    )  # fmt: skip


def _show(random: Random, number: int, title: str) -> tuple[object, ...]:
    opens = date(2020, 2, 1) + timedelta(days=number * 98 + random.randint(0, 20))
    closes = None if title == "New Acquisitions" else (opens + timedelta(days=random.randint(45, 150))).isoformat()
    price = None if number % 6 == 0 else random.choice((8.0, 12.5, 15.0, 18.0))
    return number, title, opens.isoformat(), closes, random.choice((2, 3, 3, 4, 5, 6, 7)), price


def _links(random: Random, show: object, artworks: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    chosen = random.sample(artworks, random.randint(12, 60))
    return [(show, work[0], random.choice(("short", "long", None))) for work in chosen]


def _loan(random: Random, number: int, artworks: list[tuple[object, ...]]) -> tuple[object, ...]:
    sent = date(2019, 1, 1) + timedelta(days=number * 15)
    back = sent + timedelta(days=random.randint(60, 300))
    home = None if back > date(2024, 12, 1) or number in (77, 91) else back.isoformat()
    fee = random.choice((0.0, 500.0, 750.0, 1200.0, 2500.0))
    work = artworks[int(random.random() ** 2 * len(artworks))]
    return number, work[0], *random.choice(BORROWERS), sent.isoformat(), home, fee


def _visits(random: Random, when: date) -> tuple[object, ...]:
    busy = 1.8 if when.weekday() >= 5 else 1.0
    adults, children, members = (int(random.gauss(mean, mean / 5) * busy) for mean in (300, 90, 60))
    return when.isoformat(), adults, children, members, round((adults + members) * random.uniform(1.5, 4.5), 2)


MUSEUM = Stranger("museum", DDL, rows, seed=42)
