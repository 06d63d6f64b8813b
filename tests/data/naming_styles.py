"""Small databases in several ways of naming, which declare neither keys nor links, with the links that are meant."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Style:
    """Tables as (columns with types, rows), and the links as `table.column > table.column`."""

    name: str
    tables: Mapping[str, tuple[str, Rows]]
    links: frozenset[str]

    def write(self, folder: Path) -> Path:
        path = folder / f"{self.name}.sqlite"
        connection = sqlite3.connect(path)
        for table, (columns, rows) in self.tables.items():
            connection.execute(f'CREATE TABLE "{table}" ({columns})')
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
        connection.commit()
        connection.close()
        return path


def _links(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.strip().splitlines())


def _day(number: int) -> str:
    return str(date(2024, 1, 1) + timedelta(days=number))


def _clinic(random: Random) -> Style:
    """Capitals and abbreviations, dates as numbers, codes with their tables."""
    people = [(i, f"Vet {i}", "DNS"[i % 3], i % 4 or None) for i in range(1, 13)]
    owners = [
        (i, f"Owner {i}", f"o{i}@example.com", random.randint(1, i - 1) if i % 3 == 0 else None) for i in range(1, 61)
    ]
    pets = [
        (i, f"Pet {i}", random.choice(["DOG", "CAT", "HRS"]), random.randint(1, 60), "YN"[i % 2]) for i in range(1, 91)
    ]
    visits = [
        (
            i,
            random.randint(1, 90),
            random.randint(1, 12),
            random.randint(1, 12) if i % 2 else None,
            int(_day(random.randint(0, 300)).replace("-", "")),
            random.randint(500, 90_000),
            random.choice("EUP"),
        )
        for i in range(1, 401)
    ]
    return Style(
        "clinic",
        {
            "STAFF": ("STF_NO INT, STF_NM TEXT, GRD_CD TEXT, SUPV_STF_NO INT", people),
            "OWNR": ("OWNR_NO INT, NM TEXT, EML TEXT, REFD_BY_OWNR_NO INT", owners),
            "PT": ("PT_NO INT, PT_NM TEXT, SPC_CD TEXT, OWNR_NO INT, NTR_FLG TEXT", pets),
            "VST": (
                "VST_NO INT, PT_NO INT, ATT_STF_NO INT, ASST_STF_NO INT, VST_DT INT, CHG_AMT_C INT, ADM_TYP_CD TEXT",
                visits,
            ),
            "SPC": (
                "SPC_CD TEXT, SPC_DESC TEXT",
                [("DOG", "Dog"), ("CAT", "Cat"), ("HRS", "Horse"), ("RAB", "Rabbit")],
            ),
            "ADM_TYP": ("ADM_TYP_CD TEXT, DESCR TEXT", [("E", "Emergency"), ("U", "Urgent"), ("P", "Planned")]),
        },
        _links("""
        STAFF.SUPV_STF_NO > STAFF.STF_NO
        OWNR.REFD_BY_OWNR_NO > OWNR.OWNR_NO
        PT.SPC_CD > SPC.SPC_CD
        PT.OWNR_NO > OWNR.OWNR_NO
        VST.PT_NO > PT.PT_NO
        VST.ATT_STF_NO > STAFF.STF_NO
        VST.ASST_STF_NO > STAFF.STF_NO
        VST.ADM_TYP_CD > ADM_TYP.ADM_TYP_CD
        """),
    )


def _fleet(random: Random) -> Style:
    """A warehouse's star: facts and dimensions, surrogate keys in roles."""
    days = [(int(_day(i).replace("-", "")), _day(i), 1 + i // 31) for i in range(120)]
    depots = [(i, f"DP{i:02}", f"Depot {i}", random.choice(["North", "South"])) for i in range(1, 9)]
    trucks = [(i, f"Truck {i}", random.randint(5, 40), random.randint(1, 8)) for i in range(1, 31)]
    trips = [
        (
            i,
            *random.choices(days, k=2)[0][:1],
            random.choice(days)[0],
            *random.sample(range(1, 9), 2),
            random.randint(1, 30),
            round(random.random() * 900, 1),
            random.randint(5, 600),
            random.random(),
        )
        for i in range(1, 501)
    ]
    lines = [(i, random.randint(1, 500), 1 + i % 4, random.randint(1, 90)) for i in range(1, 901)]
    return Style(
        "fleet",
        {
            "dim_date": ("date_sk INT, full_date DATE, month_no INT", days),
            "dim_depot": ("depot_sk INT, depot_code TEXT, depot_nm TEXT, rgn TEXT", depots),
            "dim_truck": ("truck_sk INT, truck_nm TEXT, cap_t INT, home_depot_sk INT", trucks),
            "fct_trip": (
                "trip_sk INT, start_date_sk INT, end_date_sk INT, orig_depot_sk INT, dest_depot_sk INT, "
                "truck_sk INT, dist_km REAL, delay_min INT, load_pct REAL",
                trips,
            ),
            "fct_trip_line": ("trip_line_sk INT, trip_sk INT, line_no INT, parcel_cnt INT", lines),
        },
        _links("""
        dim_truck.home_depot_sk > dim_depot.depot_sk
        fct_trip.start_date_sk > dim_date.date_sk
        fct_trip.end_date_sk > dim_date.date_sk
        fct_trip.orig_depot_sk > dim_depot.depot_sk
        fct_trip.dest_depot_sk > dim_depot.depot_sk
        fct_trip.truck_sk > dim_truck.truck_sk
        fct_trip_line.trip_sk > fct_trip.trip_sk
        """),
    )


def _press(random: Random) -> Style:
    """Camel case, plain ids, a tree and a person's parts."""
    people = [(i, f"P{i}", random.randint(1, i - 1) if i > 1 else None) for i in range(1, 41)]
    works = [
        (i, f"Work {i}", random.randint(1, 40), random.randint(1, 40), random.randint(1, 9), _day(i))
        for i in range(1, 201)
    ]
    genres = [(i, f"Genre {i}", random.randint(1, i - 1) if i > 3 else None) for i in range(1, 10)]
    orders = [
        (i, random.randint(1, 200), random.randint(1, 30), f"2024-03-{1 + i % 28:02} 10:00:00", i % 2)
        for i in range(1, 601)
    ]
    return Style(
        "press",
        {
            "Employee": ("id INT, nickname TEXT, managerId INT", people),
            "BookTitle": ("id INT, title TEXT, editorId INT, reviewerId INT, genreId INT, releasedOn TEXT", works),
            "Genre": ("id INT, label TEXT, parentGenreId INT", genres),
            "SalesOrder": ("id INT, bookTitleId INT, copyCount INT, placedAt TEXT, isGift INT", orders),
        },
        _links("""
        Employee.managerId > Employee.id
        BookTitle.editorId > Employee.id
        BookTitle.reviewerId > Employee.id
        BookTitle.genreId > Genre.id
        Genre.parentGenreId > Genre.id
        SalesOrder.bookTitleId > BookTitle.id
        """),
    )


def _museum(random: Random) -> Style:
    """Names with spaces and with hyphens; a code that only its values tell; dates in text."""
    money = ["USD", "EUR", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "TRY"]
    halls = [(f"H-{i}", f"Hall {i}", random.randint(40, 400)) for i in range(1, 7)]
    pieces = [
        (10_000 + 7 * i, f"Piece {i}", f"H-{random.randint(1, 6)}", random.choice(money), random.randint(1, 90))
        for i in range(1, 151)
    ]
    loans = [
        (i, random.choice(pieces)[0], f"{1 + i % 28:02}/{1 + i % 12:02}/2024", random.choice(["open", "back"]))
        for i in range(1, 121)
    ]
    return Style(
        "museum",
        {
            "Exhibition Halls": ('"Hall Code" TEXT, "Hall Name" TEXT, "Floor Area m2" INT', halls),
            "Art Works": (
                '"Work No" INT, "Work Name" TEXT, "Hall Code" TEXT, "Insured In" TEXT, "Age Years" INT',
                pieces,
            ),
            "Loans": ('"Loan No" INT, "Art Work No" INT, "Loan Date" TEXT, "State" TEXT', loans),
            "world-money": ('"iso-code" TEXT, "long-name" TEXT', [(code, f"Money of {code}") for code in money]),
        },
        _links("""
        Art Works.Hall Code > Exhibition Halls.Hall Code
        Art Works.Insured In > world-money.iso-code
        Loans.Art Work No > Art Works.Work No
        """),
    )


def _wholesale(random: Random) -> Style:
    """A letter of the table before every column, and words that are run together."""
    customers = [(i, f"Firm {i}", random.randint(0, 4), random.randint(-900, 900)) for i in range(1, 81)]
    orders = [
        (i, random.randint(1, 80), _day(i % 90), random.choice("OFP"), random.randint(100, 9_999))
        for i in range(1, 301)
    ]
    parts = [(i, f"Part {i}", random.randint(1, 50)) for i in range(1, 121)]
    lines = [(random.randint(1, 300), random.randint(1, 120), 1 + i % 5, random.randint(1, 50)) for i in range(1_000)]
    return Style(
        "wholesale",
        {
            "land": ("n_landkey INT, n_name TEXT", [(i, name) for i, name in enumerate(["A", "B", "C", "D", "E"])]),
            "customer": ("c_custkey INT, c_name TEXT, c_landkey INT, c_acctbal INT", customers),
            "orders": ("o_orderkey INT, o_custkey INT, o_orderdate TEXT, o_status TEXT, o_total INT", orders),
            "part": ("p_partkey INT, p_name TEXT, p_size INT", parts),
            "lineitem": ("l_orderkey INT, l_partkey INT, l_linenumber INT, l_quantity INT", lines),
        },
        _links("""
        customer.c_landkey > land.n_landkey
        orders.o_custkey > customer.c_custkey
        lineitem.l_orderkey > orders.o_orderkey
        lineitem.l_partkey > part.p_partkey
        """),
    )


def _league(random: Random) -> Style:
    """Roles without a word for an identifier, another key than the first, a copy, details, and counts of things."""
    teams = [(i, f"T{i:03}", f"Team {i}", random.randint(1, 6), random.randint(1, 12), i % 9 + 1) for i in range(1, 21)]
    players = [(i, f"P-{1000 + i}", random.randint(1, 20), random.randint(1, 40), i % 3 + 1) for i in range(1, 201)]
    games = [
        (
            i,
            *random.sample(range(1, 21), 2),
            random.randint(1, 6),
            random.randint(0, 5),
            random.randint(1, 9),
            1 + i % 3,
        )
        for i in range(1, 301)
    ]
    grounds = [(i, f"Ground {i}", 100 * i, i % 4 + 1) for i in range(1, 7)]
    goals = [(i, random.randint(1, 300), f"P-{1000 + random.randint(1, 200)}", i % 90 + 1) for i in range(1, 501)]
    details = [(i, f"Text {i}", i % 5 + 1) for i in range(1, 201)]
    return Style(
        "league",
        {
            "teams": (
                "id INT, team_code TEXT, team_title TEXT, ground_id INT, total_players INT, open_games INT",
                teams,
            ),
            "teams_2023": ("id INT, team_code TEXT, team_title TEXT, ground INT, total_players INT, rank INT", teams),
            "players": ("id INT, licence_no TEXT, team_id INT, shirt_no INT, games INT", players),
            "player_details": ("player_id INT, remarks TEXT, new_goals INT", details),
            "games": ("id INT, home_team INT, away_team INT, ground INT, goals INT, round_no INT, stage INT", games),
            "grounds": ("id INT, title TEXT, seats INT, max_teams INT", grounds),
            "goals": ("id INT, game_id INT, licence_no TEXT, minute_no INT", goals),
        },
        _links("""
        teams.ground_id > grounds.id
        teams_2023.ground > grounds.id
        players.team_id > teams.id
        player_details.player_id > players.id
        games.home_team > teams.id
        games.away_team > teams.id
        games.ground > grounds.id
        goals.game_id > games.id
        goals.licence_no > players.licence_no
        """),
    )


def _airline(random: Random) -> Style:
    """Words with hardly a vowel, keys that are references; 'FO' is one that nothing tells."""
    ports = ["LHR", "JFK", "CDG", "AMS", "FRA", "MAD", "OSL", "ARN", "CPH", "HEL"]
    planes = [f"G-A{chr(65 + i)}{chr(70 + i % 9)}" for i in range(15)]
    flights = [
        (i, *random.sample(ports, 2), random.choice(planes), random.randint(1, 30), random.randint(1, 30))
        for i in range(1, 301)
    ]
    crew = [(i, f"N{i}", random.choice(ports)) for i in range(1, 31)]
    bookings = [
        (f"B{i:05}", random.randint(1, 300), random.randint(1, 9), random.randint(1, 30)) for i in range(1, 501)
    ]
    return Style(
        "airline",
        {
            "AIRPRT": ("APT_CD TEXT, APT_NAME TEXT", [(port, f"Airport {port}") for port in ports]),
            "ACFT": ("ACFT_REG TEXT, SEATS INT", [(plane, 100 + i) for i, plane in enumerate(planes)]),
            "FLT": (
                "FLT_ID INT, DEP_APT_CD TEXT, ARR_APT_CD TEXT, ACFT_REG TEXT, CAPT_ID INT, FO_ID INT",
                flights,
            ),
            "CREW": ("CREW_ID INT, FULL_NM TEXT, BASE_APT TEXT", crew),
            "BKG": ("BKG_REF TEXT, FLT_ID INT, PAX_CNT INT, SEAT_NO INT", bookings),
        },
        _links("""
        FLT.DEP_APT_CD > AIRPRT.APT_CD
        FLT.ARR_APT_CD > AIRPRT.APT_CD
        FLT.ACFT_REG > ACFT.ACFT_REG
        FLT.CAPT_ID > CREW.CREW_ID
        FLT.FO_ID > CREW.CREW_ID
        CREW.BASE_APT > AIRPRT.APT_CD
        BKG.FLT_ID > FLT.FLT_ID
        """),
    )


def _numbers(random: Random) -> Style:
    """Everything counts from one: what is in every key is a link to none."""
    sizes = {"region": 20, "machine": 60, "shift": 200, "alarm": 400}
    tables: dict[str, tuple[str, Rows]] = {
        name: (
            "id INT, position INT, level INT, quantity INT, version_no INT, sort_order INT, priority INT, rank INT",
            [(i, i, 1 + i % 5, *(random.randint(1, 20) for _ in range(3)), 1 + i % 3, i) for i in range(1, size + 1)],
        )
        for name, size in sizes.items()
    }
    rows = [(i, random.randint(1, 400), random.randint(1, 60), 1 + i % 7, i % 20 + 1) for i in range(1, 801)]
    tables["reading"] = ("id INT, alarm_id INT, machine INT, step_no INT, region_count INT", rows)
    return Style("numbers", tables, _links("reading.alarm_id > alarm.id\nreading.machine > machine.id"))


def styles() -> tuple[Style, ...]:
    """All of them, always the same."""
    makers = (_clinic, _fleet, _press, _museum, _wholesale, _league, _airline, _numbers)
    return tuple(make(Random(7)) for make in makers)
