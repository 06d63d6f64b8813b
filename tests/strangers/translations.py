"""A translation agency: PascalCase singular tables, camelCase columns, half the foreign keys, cents in some tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE Language (code TEXT PRIMARY KEY, name TEXT, isRightToLeft INTEGER);
CREATE TABLE StaffMember (staffId INTEGER PRIMARY KEY, fullName TEXT, jobTitle TEXT, office TEXT, hiredOn DATE,
    leftOn DATE);
CREATE TABLE Client (clientId INTEGER PRIMARY KEY, companyName TEXT, industry TEXT, city TEXT, country TEXT,
    clientSince DATE, paymentTermDays INTEGER, accountManagerId INTEGER);
CREATE TABLE Translator (translatorId INTEGER PRIMARY KEY, fullName TEXT,
    nativeLanguage TEXT REFERENCES Language (code), country TEXT, joinedOn DATE, isSworn INTEGER, status TEXT);
CREATE TABLE TranslatorPair (translatorId INTEGER REFERENCES Translator (translatorId), sourceLanguage TEXT,
    targetLanguage TEXT, ratePerWord REAL, PRIMARY KEY (translatorId, sourceLanguage, targetLanguage));
CREATE TABLE Invoice (invoiceId INTEGER PRIMARY KEY, invoiceNumber TEXT,
    clientId INTEGER REFERENCES Client (clientId), issuedOn DATE, dueOn DATE, totalCents INTEGER, paidOn DATE);
CREATE TABLE Job (jobId INTEGER PRIMARY KEY, reference TEXT, clientId INTEGER REFERENCES Client (clientId),
    projectManagerId INTEGER, subjectArea TEXT, sourceLanguage TEXT REFERENCES Language (code), orderedAt TIMESTAMP,
    dueAt TIMESTAMP, deliveredAt TIMESTAMP, status TEXT, isRush INTEGER, invoiceId INTEGER);
CREATE TABLE JobLine (jobLineId INTEGER PRIMARY KEY, jobId INTEGER REFERENCES Job (jobId), service TEXT,
    targetLanguage TEXT REFERENCES Language (code), translatorId INTEGER, wordCount INTEGER, clientFeeCents INTEGER,
    translatorFeeCents INTEGER);
CREATE TABLE QualityReview (reviewId INTEGER PRIMARY KEY, jobLineId INTEGER REFERENCES JobLine (jobLineId),
    reviewerId INTEGER, reviewedOn DATE, score REAL, minorErrors INTEGER, majorErrors INTEGER);
CREATE TABLE TranslatorPayment (paymentId INTEGER PRIMARY KEY, translatorId INTEGER, paidOn DATE, amountEuro REAL,
    method TEXT);
CREATE TABLE Complaint (complaintId INTEGER PRIMARY KEY, jobId INTEGER, receivedOn DATE, reason TEXT,
    creditCents INTEGER, resolvedOn DATE);
CREATE TABLE Quote (quoteId INTEGER PRIMARY KEY, clientId INTEGER, sentOn DATE, amountEuro REAL, outcome TEXT,
    jobId INTEGER REFERENCES Job (jobId));
"""

LAST_DAY = date(2025, 12, 31)
LANGUAGES = [
    ("en", "English", 0), ("de", "German", 0), ("fr", "French", 0), ("es", "Spanish", 0), ("it", "Italian", 0),
    ("nl", "Dutch", 0), ("pl", "Polish", 0), ("sv", "Swedish", 0), ("da", "Danish", 0), ("pt", "Portuguese", 0),
    ("cs", "Czech", 0), ("tr", "Turkish", 0), ("ar", "Arabic", 1), ("he", "Hebrew", 1), ("ja", "Japanese", 0),
    ("zh", "Chinese", 0), ("uk", "Ukrainian", 0), ("fi", "Finnish", 0), ("is", "Icelandic", 0),
]  # fmt: skip
TARGETS = ("en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "pt", "cs", "tr", "ar", "he", "ja", "zh", "uk", "fi")
DEMAND = (20, 18, 15, 11, 8, 8, 7, 5, 4, 4, 3, 3, 3, 1.5, 4, 4, 2, 2)
SOURCES = ("en", "de", "fr", "es", "nl", "it", "sv", "pl")
SOURCE_DEMAND = (46, 26, 10, 6, 5, 4, 3, 2)
HOMES = {
    "en": ("United Kingdom", "Ireland", "Germany"), "de": ("Germany", "Austria"), "fr": ("France", "Belgium"),
    "es": ("Spain", "Mexico"), "it": ("Italy",), "nl": ("Netherlands", "Belgium"), "pl": ("Poland",),
    "sv": ("Sweden",), "da": ("Denmark",), "pt": ("Portugal", "Brazil"), "cs": ("Czechia",), "tr": ("Turkey",),
    "ar": ("Egypt", "Germany"), "he": ("Israel",), "ja": ("Japan",), "zh": ("China", "United Kingdom"),
    "uk": ("Ukraine", "Poland"), "fi": ("Finland",),
}  # fmt: skip
PLACES = {
    "Germany": ("Hamburg", "Berlin", "Munich", "Bremen"), "Austria": ("Vienna", "Graz"),
    "Switzerland": ("Basel", "Zurich"), "Netherlands": ("Utrecht", "Rotterdam"), "France": ("Lyon", "Lille", "Paris"),
    "Denmark": ("Aarhus",), "United Kingdom": ("Leeds", "London"),
}  # fmt: skip
INDUSTRIES = (
    "engineering", "pharmaceuticals", "law firm", "tourism", "e-commerce", "finance", "public sector", "publishing",
)  # fmt: skip
SUBJECT = {
    "engineering": "technical", "pharmaceuticals": "medical", "law firm": "legal", "tourism": "tourism",
    "e-commerce": "marketing", "finance": "financial", "public sector": "legal", "publishing": "general",
}  # fmt: skip
SUBJECTS = ("technical", "medical", "legal", "marketing", "financial", "tourism", "general")
KNOWN = [
    ("Helvion Pharma", "pharmaceuticals", "Basel", "Switzerland"),
    ("Krantz Pumpen", "engineering", "Bremen", "Germany"),
    ("Norden & Falk", "law firm", "Hamburg", "Germany"),
    ("Baltic Timber Trading", "e-commerce", "Aarhus", "Denmark"),
    ("Alpenblick Hotels", "tourism", "Graz", "Austria"),
    ("Maison Verdier", "e-commerce", "Lyon", "France"),
]
STEMS = (
    "Aurum", "Beaufort", "Cormoran", "Delmas", "Eltner", "Fjordline", "Gessner", "Hartwell", "Ilmenau", "Jasper",
    "Kestrel", "Lumen", "Marwick", "Nautis", "Ostertag", "Pellegrin", "Quadrant", "Rheingold", "Silbermann", "Tavira",
)  # fmt: skip
ENDINGS = {
    "engineering": ("Maschinenbau", "Drives", "Robotics", "Valves"), "pharmaceuticals": ("Biotech", "Medical"),
    "law firm": ("Legal", "& Partners", "Notaries"), "tourism": ("Travel", "Resorts", "Cruises"),
    "e-commerce": ("Home", "Shoes", "Outdoor", "Cosmetics"), "finance": ("Bank", "Insurance", "Capital"),
    "public sector": ("City Council", "Chamber of Commerce"), "publishing": ("Books", "Verlag"),
}  # fmt: skip
SERVICES = ("translation", "proofreading", "post-editing", "transcreation", "subtitling")
RATES = {"translation": 0.16, "proofreading": 0.06, "post-editing": 0.09, "transcreation": 0.27, "subtitling": 0.0}
TITLES = (
    "managing director", "account manager", "account manager", "account manager", "account manager",
    "project manager", "project manager", "project manager", "project manager", "project manager", "project manager",
    "accountant", "vendor manager", "quality lead", "office assistant",
)  # fmt: skip
REASONS = ("mistranslation", "late delivery", "terminology", "formatting", "tone")


def rows(random: Random) -> Rows:
    names = people(random, 165)
    staff = [_staff(random, number, name) for number, name in enumerate(names[:15], 1)]
    clients = _clients(random)
    translators = [_translator(random, number, name) for number, name in enumerate(names[15:], 1)]
    pairs = [pair for translator in translators for pair in _pairs(random, translator)]
    jobs = _jobs(random, clients)
    lines = _lines(random, jobs, translators, pairs)
    jobs, invoices = _invoices(random, jobs, lines, clients)
    return {
        "Language": LANGUAGES, "StaffMember": staff, "Client": clients, "Translator": translators,
        "TranslatorPair": pairs, "Invoice": invoices, "Job": jobs, "JobLine": lines,
        "QualityReview": _reviews(random, jobs, lines, translators),
        "TranslatorPayment": _payments(random, jobs, lines), "Complaint": _complaints(random, jobs),
        "Quote": _quotes(random, jobs, lines, clients),
    }  # fmt: skip


def _staff(random: Random, number: int, name: str) -> tuple[object, ...]:
    hired = day(random, date(2021, 1, 4), date(2021, 3, 31) if number < 8 else date(2024, 9, 30))
    left = day(random, date(2024, 11, 1), date(2025, 10, 31)).isoformat() if number in (4, 7, 15) else None
    office = random.choices(("Hamburg", "Vienna", "Lyon"), (8, 4, 3))[0]
    return number, name, TITLES[number - 1], office, hired.isoformat(), left


def _clients(random: Random) -> list[tuple[object, ...]]:
    listed = list(KNOWN)
    every = [(stem, industry) for stem in STEMS for industry in INDUSTRIES]
    for stem, industry in random.sample(every, 104):
        country = random.choices(tuple(PLACES), (45, 14, 10, 10, 12, 4, 5))[0]
        listed.append((f"{stem} {random.choice(ENDINGS[industry])}", industry, random.choice(PLACES[country]), country))
    made: list[tuple[object, ...]] = []
    taken: set[str] = set()
    for name, industry, city, country in listed:
        if name in taken:
            continue
        taken.add(name)
        number = len(made) + 1
        since = day(random, date(2021, 1, 11), date(2021, 6, 30) if number < 30 else date(2025, 9, 30))
        manager = None if random.random() < 0.07 else random.choices((2, 3, 4, 5), (34, 27, 12, 22))[0]
        term = random.choices((14, 30, 45, 60), (20, 55, 10, 15))[0]
        made.append((number, name, industry, city, country, since.isoformat(), term, manager))
    return made


def _translator(random: Random, number: int, name: str) -> tuple[object, ...]:
    weights = [need + 2 for need in DEMAND]
    native = TARGETS[number - 1] if number <= len(TARGETS) else random.choices(TARGETS, weights)[0]
    joined = date(2021, 1, 4) if number <= 18 else day(random, date(2021, 1, 4), date(2025, 10, 31))
    sworn = int(random.random() < 0.22)
    status = "active" if number <= 18 else random.choices(("active", "paused", "left"), (80, 9, 11))[0]
    return number, name, native, random.choice(HOMES[native]), joined.isoformat(), sworn, status


def _pairs(random: Random, translator: tuple[object, ...]) -> list[tuple[object, ...]]:
    target = str(translator[2])
    wanted = [source for source in SOURCES if source != target]
    weights = [SOURCE_DEMAND[SOURCES.index(source)] + 3 for source in wanted]
    main = "de" if target == "en" else "en"
    sources = {main} if random.random() < 0.85 else set()
    sources |= set(random.choices(wanted, weights, k=random.choice((1, 1, 2, 3))))
    base = {"ja": 0.135, "zh": 0.1, "da": 0.13, "sv": 0.13, "fi": 0.13, "he": 0.125}.get(target, 0.095)
    return [(translator[0], source, target, round(base * random.uniform(0.72, 1.38), 3)) for source in sorted(sources)]


def _jobs(random: Random, clients: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    idle = set(random.sample(range(20, len(clients)), 9))
    weights = [0.0 if index in idle else 1 / (index + 3) ** 0.75 for index in range(len(clients))]
    drawn: list[datetime] = []
    while len(drawn) < 1040:
        when = date(2021, 1, 18) + timedelta(days=int(random.random() ** 0.8 * 1805))
        if when.weekday() > 4 or (when.month in (7, 8, 12) and random.random() < 0.3) or when > LAST_DAY:
            continue
        drawn.append(datetime(when.year, when.month, when.day, random.randint(8, 17), random.choice((0, 10, 25, 40))))
    jobs: list[tuple[object, ...]] = []
    counts = dict.fromkeys(range(2021, 2026), 0)
    for number, ordered in enumerate(sorted(drawn), 1):
        open_to = [weight if str(client[5]) <= f"{ordered:%Y-%m-%d}" else 0.0 for weight, client in
                   zip(weights, clients, strict=True)]  # fmt: skip
        client = random.choices(clients, open_to)[0] if any(open_to) else clients[0]
        counts[ordered.year] += 1
        subject = SUBJECT[str(client[2])] if random.random() < 0.75 else random.choice(SUBJECTS)
        source = random.choices(SOURCES, SOURCE_DEMAND)[0]
        rush = int(random.random() < 0.13)
        due = (ordered + timedelta(days=random.randint(1, 2) if rush else random.randint(3, 24))).replace(
            hour=random.choice((12, 17)), minute=0
        )
        hours = random.randint(1, 70) if random.random() < 0.11 else -random.randint(0, 30)
        sent = max(due + timedelta(hours=hours, minutes=random.randint(1, 50)), ordered + timedelta(hours=5))
        draw = random.random()
        status = "delivered"
        delivered: str | None = f"{sent:%Y-%m-%d %H:%M:%S}"
        if draw < 0.045:
            status, delivered = "cancelled", None
        elif sent >= datetime(2025, 12, 30) or (ordered >= datetime(2025, 10, 25) and draw < 0.55):
            status, delivered = ("on hold" if draw < 0.11 else "in progress"), None
        manager = None if random.random() < 0.02 else random.choices((6, 7, 8, 9, 10, 11), (9, 5, 8, 6, 4, 3))[0]
        reference = f"TR-{ordered.year}-{counts[ordered.year]:04}"
        jobs.append((number, reference, client[0], manager, subject, source, f"{ordered:%Y-%m-%d %H:%M:%S}",
                     f"{due:%Y-%m-%d %H:%M:%S}", delivered, status, rush, None))  # fmt: skip
    return jobs


def _lines(
    random: Random,
    jobs: list[tuple[object, ...]],
    translators: list[tuple[object, ...]],
    pairs: list[tuple[object, ...]],
) -> list[tuple[object, ...]]:
    favour = {row[0]: random.lognormvariate(0, 0.8) for row in translators}
    for idle in random.sample(range(25, 151), 13):
        favour[idle] = 0.0
    rates: dict[tuple[object, ...], float] = {(row[0], row[1], row[2]): float(str(row[3])) for row in pairs}
    lines: list[tuple[object, ...]] = []
    for job in jobs:
        source = str(job[5])
        wanted = [target for target in TARGETS if target != source]
        needs = [DEMAND[TARGETS.index(target)] for target in wanted]
        targets = set(random.choices(wanted, needs, k=random.choices((1, 2, 3, 6), (52, 24, 16, 8))[0]))
        main = random.choices(SERVICES, (62, 9, 17, 6, 6))[0]
        size = random.lognormvariate(7.3, 0.9)
        for target in sorted(targets):
            services = [main, "proofreading"] if main == "translation" and random.random() < 0.14 else [main]
            for service in services:
                lines.append(_line(random, len(lines) + 1, job, service, target, size, translators, favour, rates))
    return lines


def _line(
    random: Random, number: int, job: tuple[object, ...], service: str, target: str, size: float,
    translators: list[tuple[object, ...]], favour: dict[object, float], rates: dict[tuple[object, ...], float],
) -> tuple[object, ...]:  # fmt: skip
    source, on = str(job[5]), str(job[6])[:10]
    fit = [row for row in translators if row[2] == target and str(row[4]) <= on and favour[row[0]] > 0]
    exact = [row for row in fit if (row[0], source, target) in rates]
    pool = exact or fit
    who: object = random.choices(pool, [favour[row[0]] for row in pool])[0][0]
    if job[8] is None and random.random() < 0.6:
        who = None
    rush = 1.3 if job[10] else 1.0
    if service == "subtitling":
        words, fee = None, random.randint(180, 950) * 100
        cost = int(fee * random.uniform(0.45, 0.7))
    else:
        words = max(60, int(size * random.uniform(0.97, 1.05)))
        fee = max(4500, int(words * RATES[service] * random.uniform(0.85, 1.2) * rush * 100))
        own = rates.get((who, source, target), 0.1) * RATES[service] / RATES["translation"]
        cost = min(int(words * own * rush * 100), int(fee * 0.8))
        if random.random() < 0.02:
            cost = int(fee * random.uniform(1.05, 1.4))
    return number, job[0], service, target, who, words, fee, None if who is None else cost


def _invoices(
    random: Random, jobs: list[tuple[object, ...]], lines: list[tuple[object, ...]], clients: list[tuple[object, ...]]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    fees: dict[object, int] = {}
    for line in lines:
        fees[line[1]] = fees.get(line[1], 0) + int(str(line[6]))
    term = {row[0]: int(str(row[6])) for row in clients}
    groups: dict[tuple[str, int], list[object]] = {}
    for job in jobs:
        if job[8] is not None and random.random() > 0.02:
            groups.setdefault((str(job[8])[:7], int(str(job[2]))), []).append(job[0])
    invoices: list[tuple[object, ...]] = []
    of: dict[object, int] = {}
    slow = {client: random.lognormvariate(0, 0.4) for client in term}
    for (month, client), ids in sorted(groups.items()):
        first = (date.fromisoformat(f"{month}-01") + timedelta(days=32)).replace(day=1)
        issued = first + timedelta(days=random.randint(0, 5))
        if issued > LAST_DAY:
            continue
        due = issued + timedelta(days=term[client])
        paid = issued + timedelta(days=int(term[client] * slow[client] * random.uniform(0.5, 1.4)) + 2)
        settled = paid <= LAST_DAY and random.random() > (0.015 if issued.year < 2025 else 0.06)
        number = len(invoices) + 1
        of.update(dict.fromkeys(ids, number))
        total = sum(fees[one] for one in ids)
        invoices.append((number, f"INV{issued:%y}{number:04}", client, f"{issued}", f"{due}", total,
                         f"{paid}" if settled else None))  # fmt: skip
    return [(*job[:11], of.get(job[0])) for job in jobs], invoices


def _reviews(
    random: Random,
    jobs: list[tuple[object, ...]],
    lines: list[tuple[object, ...]],
    translators: list[tuple[object, ...]],
) -> list[tuple[object, ...]]:
    delivered = {job[0]: str(job[8])[:10] for job in jobs if job[8] is not None}
    skill = {row[0]: random.gauss(88, 5) for row in translators}
    reviewers = random.sample([row[0] for row in translators if row[6] == "active"], 22)
    made: list[tuple[object, ...]] = []
    for line in lines:
        if line[1] not in delivered or random.random() > 0.3:
            continue
        reviewer = random.choice([one for one in reviewers if one != line[4]])
        on = date.fromisoformat(delivered[line[1]]) + timedelta(days=random.randint(1, 25))
        score = round(min(100.0, max(31.0, random.gauss(skill[line[4]], 6))), 1)
        major = 0 if score > 85 else random.choice((0, 1, 1, 2, 4))
        pending = random.random() < 0.03
        made.append((len(made) + 1, line[0], reviewer, min(on, LAST_DAY).isoformat(), None if pending else score,
                     None if pending else int((100 - score) / 2.5), None if pending else major))  # fmt: skip
    return made


def _payments(
    random: Random, jobs: list[tuple[object, ...]], lines: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    month = {job[0]: str(job[8])[:7] for job in jobs if job[8] is not None}
    owed: dict[tuple[str, int], int] = {}
    for line in lines:
        if line[1] in month and line[4] is not None:
            key = (month[line[1]], int(str(line[4])))
            owed[key] = owed.get(key, 0) + int(str(line[7]))
    usual = {who: random.choices(("bank transfer", "Wise", "PayPal"), (70, 18, 12))[0] for who in range(1, 151)}
    made: list[tuple[object, ...]] = []
    for (period, who), cents in sorted(owed.items()):
        paid = (date.fromisoformat(f"{period}-01") + timedelta(days=32)).replace(day=random.choice((10, 15, 15, 20)))
        if paid <= LAST_DAY:
            made.append((len(made) + 1, who, f"{paid}", cents / 100, usual[who]))
    return made


def _complaints(random: Random, jobs: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for job in jobs:
        late = job[8] is not None and str(job[8]) > str(job[7])
        if job[8] is None or random.random() > (0.35 if late else 0.06):
            continue
        got = date.fromisoformat(str(job[8])[:10]) + timedelta(days=random.randint(0, 20))
        if got > LAST_DAY:
            continue
        reason = random.choices(REASONS, (34, 25 if late else 0, 22, 10, 13))[0]
        done = got + timedelta(days=random.randint(1, 40))
        solved = done <= LAST_DAY and random.random() < 0.9
        credit = random.randint(4, 60) * 1000 if solved and random.random() < 0.45 else None
        made.append((len(made) + 1, job[0], f"{got}", reason, credit, f"{done}" if solved else None))
    return made


def _quotes(
    random: Random, jobs: list[tuple[object, ...]], lines: list[tuple[object, ...]], clients: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    fees: dict[object, int] = {}
    for line in lines:
        fees[line[1]] = fees.get(line[1], 0) + int(str(line[6]))
    drawn: list[tuple[str, object, float, str, object]] = []
    for job in jobs:
        if random.random() < 0.27:
            sent = date.fromisoformat(str(job[6])[:10]) - timedelta(days=random.randint(0, 14))
            amount = round(fees[job[0]] / 100 * random.choice((1.0, 1.0, 1.05, 0.95)), 2)
            drawn.append((f"{max(sent, date(2021, 1, 4))}", job[2], amount, "won", job[0]))
    for _ in range(190):
        sent = day(random, date(2021, 3, 1), date(2025, 12, 19))
        outcome = "pending" if sent > date(2025, 9, 20) and random.random() < 0.8 else "lost"
        known = [client for client in clients if str(client[5]) <= f"{sent}"]
        who = random.choice(known)[0] if known else 1
        drawn.append((f"{sent}", who, round(random.lognormvariate(6.6, 0.9), 2), outcome, None))
    drawn.sort(key=lambda row: row[0])
    return [(number, who, sent, amount, outcome, job) for number, (sent, who, amount, outcome, job) in
            enumerate(drawn, 1)]  # fmt: skip


TRANSLATIONS = Stranger("translations", DDL, rows, seed=61)
