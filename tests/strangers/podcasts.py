"""A podcast network: singular PascalCase tables, camelCase columns, times as ISO text, money in cents or dollars."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE Category (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE App (id INTEGER PRIMARY KEY, name TEXT, kind TEXT);
CREATE TABLE Show (id INTEGER PRIMARY KEY, title TEXT, categoryId INTEGER, language TEXT, launchedAt TEXT, endedAt TEXT,
    isExclusive INTEGER);
CREATE TABLE Host (id INTEGER PRIMARY KEY, fullName TEXT, email TEXT, country TEXT, signedAt TEXT, leftAt TEXT,
    sharePercent REAL, isStaff INTEGER);
CREATE TABLE ShowHost (showId INTEGER REFERENCES Show (id), hostId INTEGER, role TEXT, sinceAt TEXT,
    PRIMARY KEY (showId, hostId));
CREATE TABLE Episode (id INTEGER PRIMARY KEY, showId INTEGER REFERENCES Show (id), season INTEGER, episodeNo INTEGER,
    title TEXT, publishedAt TEXT, durationSec INTEGER, isBonus INTEGER, isTranscribed INTEGER);
CREATE TABLE DailyDownload (id INTEGER PRIMARY KEY, episodeId INTEGER, day TEXT, country TEXT, appId INTEGER,
    downloads INTEGER);
CREATE TABLE Advertiser (id INTEGER PRIMARY KEY, companyName TEXT, industry TEXT, country TEXT, contactName TEXT,
    contactEmail TEXT, signedAt TEXT, isAgency INTEGER);
CREATE TABLE Campaign (id INTEGER PRIMARY KEY, advertiserId INTEGER REFERENCES Advertiser (id), name TEXT,
    startsAt TEXT, endsAt TEXT, budgetCents INTEGER, status TEXT);
CREATE TABLE AdSlot (id INTEGER PRIMARY KEY, episodeId INTEGER REFERENCES Episode (id), campaignId INTEGER,
    placement TEXT, lengthSec INTEGER, isHostRead INTEGER, priceCents INTEGER, impressions INTEGER);
CREATE TABLE Review (id INTEGER PRIMARY KEY, showId INTEGER, appId INTEGER, listenerName TEXT, stars INTEGER, body TEXT,
    isFlagged INTEGER, writtenAt TEXT);
CREATE TABLE Payout (id INTEGER PRIMARY KEY, hostId INTEGER, amount REAL, method TEXT, status TEXT, dueAt TEXT,
    paidAt TEXT);
"""

LAST_DAY = date(2025, 9, 30)
CATEGORIES = (
    "True Crime",
    "Comedy",
    "News",
    "Business",
    "Technology",
    "Sport",
    "History",
    "Health",
    "Society & Culture",
    "Fiction",
    "Religion",
)
APPS = (
    ("Apple Podcasts", "mobile"),
    ("Spotify", "mobile"),
    ("Overcast", "mobile"),
    ("Pocket Casts", "mobile"),
    ("Web player", "web"),
    ("Amazon Music", "smart speaker"),
    ("Castbox", "mobile"),
    ("CarLink", "car"),
)
SHOWS = (
    ("The Salt Line", 10, "en"),
    ("Cold Harbor Files", 1, "en"),
    ("Two Pints In", 2, "en"),
    ("Morning Wire", 3, "en"),
    ("Ledger Lines", 4, "en"),
    ("Offside Again", 6, "en"),
    ("Nachtschicht", 1, "de"),
    ("Root Access", 5, "en"),
    ("Forgotten Empires", 7, "en"),
    ("Breathe Out", 8, "en"),
    ("Who Moved the Body", 1, "en"),
    ("Mesa para Dos", 9, "es"),
    ("Laugh Track Mind", 2, "en"),
    ("The Second Shift", 9, "en"),
    ("Garage to IPO", 4, "en"),
    ("Half Time Oranges", 6, "en"),
    ("Salons perdus", 7, "fr"),
    ("The Quiet Ward", 8, "en"),
    ("Missing on Route 9", 1, "en"),
    ("Bug Report", 5, "en"),
    ("The Evening Brief", 3, "en"),
    ("Signal from Vesta", 10, "en"),
    ("Sobremesa", 2, "es"),
    ("Old Maps", 7, "en"),
    ("Overheard on the Tram", 9, "en"),
    ("Der Kassensturz", 4, "de"),
    ("Gut Feeling", 8, "en"),
    ("Stoppage Time", 6, "en"),
    ("Vozes da Rua", 9, "pt"),
    ("Improv Me Right", 2, "en"),
    ("The Bellweather Case", 1, "en"),
    ("Cloud Nine Outage", 5, "en"),
    ("Small Print", 4, "en"),
    ("Crónica Negra", 1, "es"),
    ("The Lighthouse Tapes", 10, "en"),
    ("Capital Letters", 3, "en"),
    ("Letters Home 1916", 7, "en"),
    ("Long Run Home", 6, "en"),
    ("Sleep Lab", 8, "en"),
    ("Dinner with Strangers", 9, "en"),
    ("Pixel Patrol", 5, "en"),
    ("Le Fil rouge", 3, "fr"),
    ("Mum's the Word", 2, "en"),
    ("Cofre Aberto", 4, "pt"),
    ("The Orchard Killings", 1, "en"),
    ("Neighbours, Mostly", 9, "en"),
    ("Historias de Barrio", 7, "es"),
    ("Deep Space Diner", 10, "en"),
    ("Pit Wall", 6, "en"),
    ("Open Mic Disaster", 2, "en"),
    ("Prompt and Circumstance", 5, "en"),
    ("Herz und Niere", 8, "de"),
    ("Weekend Edition Live", 3, "en"),
    ("Founders Anonymous", 4, "en"),
    ("The Ninth Witness", 1, "en"),
    ("Kitchen Philosophers", 9, "en"),
)
COMPANIES = (
    ("Kettle & Bloom", "food & drink"),
    ("Nimbus Cloud", "software"),
    ("Harrow Bank", "finance"),
    ("Wayfarer Tours", "travel"),
    ("Dozewell", "home"),
    ("Crumb Box", "food & drink"),
    ("Pennywise Invest", "finance"),
    ("Stitch & Sole", "fashion"),
    ("Lingua Lift", "education"),
    ("Vitalis", "health"),
    ("Otter VPN", "software"),
    ("Polestar Games", "gaming"),
    ("Brightside Energy", "utilities"),
    ("Hopyard Brewing", "food & drink"),
    ("Mondo Media Buyers", "agency"),
    ("Fjord Ferries", "travel"),
    ("Tidy Teeth", "health"),
    ("Paperplane Mail", "software"),
    ("Quill Academy", "education"),
    ("Sable Watches", "fashion"),
    ("Greenleaf Insurance", "finance"),
    ("Rumble Motors", "automotive"),
    ("Soup Sisters", "food & drink"),
    ("Calmly", "health"),
    ("Hexagon Hosting", "software"),
    ("Lark Mattress", "home"),
    ("Big Ear Agency", "agency"),
    ("Dragonfly Games", "gaming"),
    ("Northway Rail", "travel"),
    ("Bean Theory", "food & drink"),
    ("Taxpilot", "finance"),
    ("Threadbare", "fashion"),
    ("Pawsome Pets", "home"),
    ("Voltway Cars", "automotive"),
    ("Skill Ladder", "education"),
    ("Juniper Skin", "health"),
    ("Orbit Mobile", "utilities"),
    ("Little Acorn Loans", "finance"),
    ("Marrow Broth", "food & drink"),
    ("Cityscape Stays", "travel"),
    ("Ringfence Security", "software"),
    ("Plum Pocket", "fashion"),
)
COUNTRIES = ("US", "GB", "DE", "CA", "AU", "ES", "BR", "FR", "IE", "MX", "SE")
SHARES = (42, 17, 9, 8, 6, 5, 4, 4, 2, 2, 1)
OPENINGS = (
    "The Man in",
    "What Happened to",
    "Inside",
    "Why We Fear",
    "A Short History of",
    "The Trouble with",
    "Return to",
    "Everything about",
    "Nobody Likes",
    "Live from",
    "The Price of",
    "Lessons from",
    "Saying Goodbye to",
    "An Hour with",
    "The Truth about",
    "How to Survive",
    "Falling for",
    "Three Cheers for",
    "The Other Side of",
    "Ask Us about",
    "The Case against",
    "Life after",
    "Letters to",
)
SUBJECTS = (
    "the Red Door",
    "Room 14",
    "Sundays",
    "the Old Bridge",
    "Small Talk",
    "the Long Winter",
    "Plan B",
    "Borrowed Money",
    "the Night Train",
    "Cheap Coffee",
    "the Final Whistle",
    "Lost Luggage",
    "Silence",
    "the Big Launch",
    "Bad Neighbours",
    "the Missing Hour",
    "Group Chats",
    "the Harbour",
    "Family Recipes",
    "the Algorithm",
    "Second Chances",
    "the Understudy",
    "Deadlines",
    "the Weather",
    "Blue Mondays",
    "the Crowd",
    "Empty Offices",
    "the Village Doctor",
    "Power Cuts",
    "the Runner-up",
    "New Year",
    "the Archive",
    "Growing Up",
    "the Border",
    "Luck",
    "the Lighthouse",
    "Passwords",
    "the Jury",
    "Rust",
    "Breakfast",
)
BODIES = (
    "Love it, never miss one.",
    "Too many ads lately.",
    "Great hosts, sound could be better.",
    "Started strong but lost me.",
    "Perfect for my commute.",
    "Please bring back the old intro!",
    "Best show on the network.",
    "Couldn't get past the first ten minutes.",
    "Smart, funny, well researched.",
    "ok I guess",
)


def rows(random: Random) -> Rows:
    shows = [_show(random, number, show) for number, show in enumerate(SHOWS, 1)]
    names = ["Marguerite Osei", "Tobias Lund", *people(random, 66)]
    hosts = [_host(random, number, name) for number, name in enumerate(names, 1)]
    fame = {show[0]: random.lognormvariate(0, 0.9) for show in shows}
    drawn = [episode for show in shows[:-2] for episode in _episodes(random, show)]
    titles = random.sample([f"{opening} {subject}" for opening in OPENINGS for subject in SUBJECTS], len(drawn))
    episodes = [
        (number, *episode[:3], title, *episode[3:])
        for number, (episode, title) in enumerate(zip(drawn, titles, strict=True), 1)
    ]
    out = [episode for episode in episodes if episode[5]]
    contacts = people(random, len(COMPANIES))
    advertisers = [_advertiser(random, number, contacts) for number in range(1, len(COMPANIES) + 1)]
    campaigns = _campaigns(random, advertisers)
    slots = [slot for episode in out for slot in _slots(random, episode, campaigns, fame)]
    payouts = [payout for host in hosts if not host[7] for payout in _payouts(random, host)]
    heard = random.choices(out, [fame[int(str(episode[1]))] + 0.3 for episode in out], k=2950)
    downloads = [(number, *_heard(random, episode, fame)) for number, episode in enumerate(heard, 1)]
    return {
        "Category": list(enumerate(CATEGORIES, 1)),
        "App": [(number, *app) for number, app in enumerate(APPS, 1)],
        "Show": shows, "Host": hosts, "ShowHost": [link for show in shows for link in _presenters(random, show)],
        "Episode": episodes, "DailyDownload": downloads, "Advertiser": advertisers, "Campaign": campaigns,
        "AdSlot": [(number, *slot) for number, slot in enumerate(slots, 1)],
        "Review": [_review(random, number, shows) for number in range(1, 861)],
        "Payout": [(number, *payout) for number, payout in enumerate(payouts, 1)],
    }  # fmt: skip


def _stamp(random: Random, when: date) -> str:
    return f"{when}T{random.randint(6, 21):02}:{random.choice((0, 0, 15, 30, 42, 55)):02}:{random.randint(0, 59):02}"


def _read(stamp: object) -> date:
    return date.fromisoformat(str(stamp)[:10])


def _show(random: Random, number: int, show: tuple[str, int, str]) -> tuple[object, ...]:
    launched = date(2021, 1, 4) + timedelta(days=number * 29 + random.randint(0, 13))
    ended = day(random, launched + timedelta(days=300), date(2025, 8, 31)) if launched.year < 2024 else None
    gone = _stamp(random, ended) if ended and random.random() < 0.26 else None
    return number, *show, _stamp(random, launched), gone, int(random.random() < 0.22)


def _host(random: Random, number: int, name: str) -> tuple[object, ...]:
    signed = day(random, date(2021, 1, 4), date(2024, 12, 20))
    left = day(random, signed + timedelta(days=200), LAST_DAY) if number > 2 and random.random() < 0.2 else None
    mail = None if random.random() < 0.08 else f"{name.lower().replace(' ', '.')}@example.net"
    country = random.choices(COUNTRIES, SHARES)[0]
    staff = int(number > 2 and random.random() < 0.16)
    share = None if staff else random.choice((40.0, 45.0, 50.0, 50.0, 55.0, 60.0))
    return number, name, mail, country, _stamp(random, signed), left and _stamp(random, left), share, staff


def _presenters(random: Random, show: tuple[object, ...]) -> list[tuple[object, ...]]:
    chosen = random.sample(range(3, 65), random.choices((1, 2, 3), (52, 36, 12))[0])
    chosen = [1, *chosen[:1]] if show[0] in (5, 19, 45) else [2, *chosen[:1]] if show[0] in (2, 31) else chosen
    roles = ("lead", "co-host", random.choice(("co-host", "stand-in")))
    return [
        (show[0], host, role, show[4] if random.random() < 0.9 else None)
        for host, role in zip(chosen, roles, strict=False)
    ]


def _episodes(random: Random, show: tuple[object, ...]) -> list[tuple[object, ...]]:
    first, last = _read(show[4]), _read(show[5]) if show[5] else LAST_DAY
    many = max(2, int((last - first).days / 30 * random.lognormvariate(-0.65, 0.5)))
    days = sorted(day(random, first, last) for _ in range(many))
    usual = random.randint(900, 4200)
    made: list[tuple[object, ...]] = []
    for number, when in enumerate(days, 1):
        season = when.year - first.year + 1
        bonus = int(number > 1 and random.random() < 0.08)
        length = int(usual * random.uniform(0.7, 1.35) * (0.4 if bonus else 1)) + random.randint(0, 59)
        made.append((show[0], season, number, _stamp(random, when), length, bonus, int(random.random() < 0.55)))
    if not show[5] and random.random() < 0.35:
        made.append((show[0], LAST_DAY.year - first.year + 1, many + 1, None, None, 0, 0))
    return made


def _heard(random: Random, episode: tuple[object, ...], fame: dict[object, float]) -> tuple[object, ...]:
    out = _read(episode[5])
    when = out + timedelta(days=int(random.expovariate(1 / 45)))
    when = when if when <= LAST_DAY else day(random, out, LAST_DAY)
    country = None if random.random() < 0.03 else random.choices(COUNTRIES, SHARES)[0]
    app = None if random.random() < 0.03 else random.choices(range(1, 8), (34, 31, 7, 6, 10, 5, 4))[0]
    count = 3 + int(random.lognormvariate(4.7, 1.0) * (0.4 + fame[episode[1]]))
    return episode[0], f"{when}T00:00:00", country, app, count


def _advertiser(random: Random, number: int, contacts: list[str]) -> tuple[object, ...]:
    company, industry = COMPANIES[number - 1]
    contact = None if number > 1 and random.random() < 0.1 else contacts[number - 1]
    domain = "".join(letter for letter in company.lower() if letter.isalpha())
    mail = f"{contact.split()[0].lower()}@{domain}.example" if contact else None
    signed = date(2021, 1, 10) + timedelta(days=int(number * 36.5) + random.randint(0, 60))
    country = random.choices(COUNTRIES, SHARES)[0]
    return number, company, industry, country, contact, mail, _stamp(random, signed), int(industry == "agency")


def _campaigns(random: Random, advertisers: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for advertiser in advertisers:
        if advertiser[0] in (13, 32, 37, 41, 42):
            continue
        seen = set()
        for _ in range(random.choices((1, 2, 4, 6, 8), (14, 22, 28, 22, 14))[0]):
            start = day(random, _read(advertiser[6]), date(2025, 11, 20)) + timedelta(days=7)
            until = start + timedelta(days=random.choice((30, 60, 90, 120, 180)))
            label = random.choice(("Launch", "Always On", "Black Friday", "Refresh", "Back to School", "Brand Push"))
            if (label, start.year) in seen:
                continue
            seen.add((label, start.year))
            state = "finished" if until < LAST_DAY else "live"
            state = random.choice(("booked", "draft")) if start > LAST_DAY else state
            state = "cancelled" if random.random() < 0.08 else state
            budget = int(random.lognormvariate(14.1, 0.7) / 5000) * 5000 + 400_000
            name = f"{advertiser[1]} {label} {start.year}"
            first, last = f"{start}T00:00:00", f"{until}T23:59:59"
            made.append((len(made) + 1, advertiser[0], name, first, last, budget, state))
    return made


def _slots(
    random: Random, episode: tuple[object, ...], campaigns: list[tuple[object, ...]], fame: dict[object, float]
) -> list[tuple[object, ...]]:
    if random.random() < 0.16:
        return []
    running = [
        campaign[0]
        for campaign in campaigns
        if campaign[6] in ("finished", "live") and str(campaign[3]) <= str(episode[5]) <= str(campaign[4])
    ]
    made: list[tuple[object, ...]] = []
    for place in random.sample(("pre-roll", "mid-roll", "mid-roll", "post-roll"), random.choice((1, 2, 2, 3))):
        length = random.choice((15, 30, 30, 60))
        if not running or random.random() < {"pre-roll": 0.2, "mid-roll": 0.12, "post-roll": 0.45}[place]:
            made.append((episode[0], None, place, length, 0, None, None))
            continue
        read = int(place != "post-roll" and random.random() < 0.4)
        seen = 400 + int(random.lognormvariate(9.2, 0.6) * (0.5 + fame[episode[1]]))
        rate = {"pre-roll": 1.8, "mid-roll": 2.6, "post-roll": 1.1}[place] * (1.35 if read else 1)
        price = int(seen * rate * random.uniform(0.8, 1.2))
        made.append((episode[0], random.choice(running), place, length, read, price, seen))
    return made


def _review(random: Random, number: int, shows: list[tuple[object, ...]]) -> tuple[object, ...]:
    show = shows[int(random.random() ** 1.5 * 50)]
    when = day(random, _read(show[4]), LAST_DAY)
    stars = random.choices((1, 2, 3, 4, 5, None), (9, 7, 14, 26, 41, 3))[0]
    stars = 2 if show[0] in (16, 20) and stars == 5 and random.random() < 0.6 else stars
    handle = random.choice(("podfan", "couch", "nightowl", "runner", "tea_and_talk", "earbuds", "listener"))
    name = None if random.random() < 0.07 else f"{handle}{random.randint(1, 999)}"
    body = random.choice(BODIES) if random.random() < 0.6 else None
    app = random.choices((1, 2, 4, 7), (55, 25, 8, 12))[0]
    return number, show[0], app, name, stars, body, int(random.random() < 0.03), _stamp(random, when)


def _payouts(random: Random, host: tuple[object, ...]) -> list[tuple[object, ...]]:
    level, method = random.lognormvariate(6.9, 0.7), random.choices(("bank transfer", "PayPal", "Wise"), (6, 3, 2))[0]
    made: list[tuple[object, ...]] = []
    for due in [date(year, month, 15) for year in range(2021, 2026) for month in (1, 4, 7, 10)]:
        if due < _read(host[4]) + timedelta(days=60) or (host[5] and due > _read(host[5]) + timedelta(days=90)):
            continue
        if due < LAST_DAY and random.random() < 0.12:
            continue
        amount = round(level * random.lognormvariate(0, 0.45), 2)
        paid = due + timedelta(days=random.choice((-3, -1, 0, 0, 0, 1, 2, 4, 9, 12, 18, 27)))
        state = random.choices(("paid", "pending", "failed"), (94, 3, 3))[0] if due < LAST_DAY else "pending"
        when = _stamp(random, paid) if state == "paid" else None
        made.append((host[0], amount, method, state, f"{due}T12:00:00", when))
    return made


PODCASTS = Stranger("podcasts", DDL, rows, seed=71)
