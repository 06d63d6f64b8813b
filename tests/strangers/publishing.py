"""A publisher: clean plural snake_case and declared foreign keys, months as text, sales by edition and month."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE imprints (id INTEGER PRIMARY KEY, name TEXT, founded_year INTEGER,
    parent_imprint_id INTEGER REFERENCES imprints (id));
CREATE TABLE authors (id INTEGER PRIMARY KEY, pen_name TEXT, legal_name TEXT, country TEXT, birth_date DATE,
    agent_name TEXT);
CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, subtitle TEXT, imprint_id INTEGER REFERENCES imprints (id),
    genre TEXT, language TEXT, page_count INTEGER, first_published_on DATE,
    sequel_to_book_id INTEGER REFERENCES books (id));
CREATE TABLE book_contributors (book_id INTEGER REFERENCES books (id), author_id INTEGER REFERENCES authors (id),
    role TEXT, PRIMARY KEY (book_id, author_id, role));
CREATE TABLE editions (isbn TEXT PRIMARY KEY, book_id INTEGER REFERENCES books (id), format TEXT,
    list_price_pence INTEGER,
    released_on DATE, out_of_print_on DATE);
CREATE TABLE monthly_sales (isbn TEXT REFERENCES editions (isbn), sales_month TEXT, territory TEXT, units_sold INTEGER,
    units_returned INTEGER, net_receipts_pence INTEGER);
CREATE TABLE contracts (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id),
    author_id INTEGER REFERENCES authors (id), signed_on DATE, expires_on DATE, advance_gbp REAL, royalty_percent REAL);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id), outlet TEXT, stars INTEGER,
    reviewed_on DATE, is_starred INTEGER);
"""

IMPRINTS = [
    (1, "Hollow Oak", 1921, None), (2, "Hollow Oak Children", 1958, 1), (3, "Meridian", 1974, None),
    (4, "Meridian Crime", 1992, 3), (5, "Little Lantern", 2003, 2), (6, "Saltmarsh Poetry", 1986, 1),
    (7, "Northlight Academic", 1999, None), (8, "Ember", 2024, 3),
]  # fmt: skip
GENRES = ("crime", "romance", "science fiction", "history", "poetry", "biography", "cookery", "picture book")
FIRSTS = (
    "The Glass",
    "A Winter",
    "Seven",
    "The Last",
    "Under the",
    "Beyond the",
    "The Secret",
    "My Mother's",
    "Ten Thousand",
    "The Drowned",
    "No More",
    "A Quiet",
    "The Borrowed",
    "Little",
    "The Iron",
    "Between the",
    "The Paper",
    "Goodbye",
    "An Honest",
    "The Hungry",
    "Return to the",
    "Blackwater",
    "The Salt",
    "Every",
)
SECONDS = (
    "Orchard",
    "Lighthouse",
    "Rivers",
    "Garden",
    "Cartographer",
    "Silence",
    "Kitchen",
    "Sparrow",
    "Machine",
    "Winter",
    "Harbour",
)
OUTLETS = ("The Morning Ledger", "Bookish", "Page & Spine", "Northern Review", "Radio Seven")
COUNTRIES = ("United Kingdom", "Ireland", "India", "Canada", "Nigeria", "Australia", "Norway")


def rows(random: Random) -> Rows:
    names, legal, agents = people(random, 90), people(random, 90), people(random, 7)
    authors = [_author(random, number, names, legal, agents) for number in range(1, 91)]
    titles = random.sample([f"{first} {second}" for first in FIRSTS for second in SECONDS], 240)
    books = [_book(random, number, title) for number, title in enumerate(titles, 1)]
    editions = [edition for book in books[:-4] for edition in _editions(random, book)]
    sales = [line for edition in editions for line in _sales(random, edition)]
    links = [link for book in books for link in _contributors(random, book[0])]
    first = {link[0]: link[1] for link in reversed(links) if link[2] == "author"}
    return {
        "imprints": IMPRINTS, "authors": authors, "books": books, "book_contributors": links, "editions": editions,
        "monthly_sales": random.sample(sales, 2900),
        "contracts": [_contract(random, book, first[book[0]]) for book in books if random.random() < 0.8],
        "reviews": [_review(random, number, books) for number in range(1, 431)],
    }  # fmt: skip


def _author(random: Random, number: int, names: list[str], legal: list[str], agents: list[str]) -> tuple[object, ...]:
    own = legal[number - 1] if random.random() < 0.2 else names[number - 1]
    born = day(random, date(1935, 1, 1), date(1998, 12, 31)).isoformat() if random.random() < 0.9 else None
    agent = random.choice(agents) if random.random() < 0.7 else None
    country = random.choices(COUNTRIES, (40, 12, 10, 9, 7, 7, 5))[0]
    return number, names[number - 1], own, country, born, agent


def _book(random: Random, number: int, title: str) -> tuple[object, ...]:
    genre = random.choices(GENRES, (24, 14, 12, 11, 7, 9, 6, 12))[0]
    imprint = random.choices(range(1, 8), (24, 14, 18, 16, 8, 7, 9))[0]
    published = date(2008, 1, 15) + timedelta(days=number * 25 + random.randint(0, 9))
    pages = 32 if genre == "picture book" else random.randint(70, 780)
    sequel = random.randint(1, number - 1) if number > 12 and random.random() < 0.14 else None
    language = random.choices(("English", "Welsh", "Gaelic", "French"), (88, 5, 3, 4))[0]
    subtitle = random.choice(("A Novel", "A Life", "A Memoir")) if random.random() < 0.3 else None
    return number, title, subtitle, imprint, genre, language, pages, published.isoformat(), sequel


def _contributors(random: Random, book: object) -> list[tuple[object, ...]]:
    many = random.choices((1, 2, 3), (78, 17, 5))[0]
    chosen = random.sample(range(1, 87), many + 2)
    links: list[tuple[object, ...]] = [(book, author, "author") for author in chosen[:many]]
    links += [(book, chosen[many], "illustrator")] if random.random() < 0.2 else []
    return links + ([(book, chosen[many + 1], "translator")] if random.random() < 0.12 else [])


def _editions(random: Random, book: tuple[object, ...]) -> list[tuple[object, ...]]:
    kinds = random.sample(("hardback", "paperback", "ebook", "audiobook"), random.choice((1, 2, 2, 3)))
    made = []
    for kind in kinds:
        price = {"hardback": 1899, "paperback": 999, "ebook": 599, "audiobook": 1499}[kind] + random.choice(
            (0, 100, 200, 300)
        )
        out = date.fromisoformat(str(book[7])) + timedelta(days=random.choice((0, 0, 180, 365)))
        ended = (
            day(random, out + timedelta(days=700), date(2024, 12, 31))
            if out.year < 2020 and random.random() < 0.3
            else None
        )
        made.append(
            (f"978{book[0]:06}{len(made)}{price % 997:03}", book[0], kind, price, f"{out}", ended and f"{ended}")
        )
    return made


def _sales(random: Random, edition: tuple[object, ...]) -> list[tuple[object, ...]]:
    sold = []
    for month in [f"{year}-{month:02}" for year in (2022, 2023, 2024) for month in range(1, 13)]:
        if month < str(edition[4])[:7] or (edition[5] and month > str(edition[5])[:7]) or random.random() < 0.72:
            continue
        units = int(random.lognormvariate(4.6, 1.1))
        back = 0 if edition[2] in ("ebook", "audiobook") else int(units * random.choice((0, 0, 0.05, 0.2)))
        territory = random.choices(("UK", "US", "EU", "ROW"), (50, 25, 15, 10))[0]
        receipts = int((units - back) * int(str(edition[3])) * random.uniform(0.4, 0.55))
        sold.append((edition[0], month, territory, units, back, receipts))
    return sold


def _contract(random: Random, book: tuple[object, ...], author: object) -> tuple[object, ...]:
    signed = date.fromisoformat(str(book[7])) - timedelta(days=random.randint(200, 900))
    until = None if random.random() < 0.35 else signed.replace(day=1, year=signed.year + random.choice((5, 7, 10, 15)))
    advance = None if random.random() < 0.1 else float(random.choice((1_000, 2_500, 5_000, 12_000, 40_000)))
    return (
        int(str(book[0])) + 1000,
        book[0],
        author,
        f"{signed}",
        until and f"{until}",
        advance,
        random.choice((7.5, 8.0, 10.0, 12.5)),
    )


def _review(random: Random, number: int, books: list[tuple[object, ...]]) -> tuple[object, ...]:
    book = books[int(random.random() ** 1.3 * 225)]
    on = date.fromisoformat(str(book[7])) + timedelta(days=random.randint(-20, 200))
    stars = random.choices((1, 2, 3, 4, 5, None), (4, 10, 24, 34, 18, 10))[0]
    return number, book[0], random.choice(OUTLETS), stars, on.isoformat(), int(stars == 5 and random.random() < 0.7)


PUBLISHING = Stranger("publishing", DDL, rows, seed=44)
