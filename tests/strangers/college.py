"""A college: plain plural snake_case, half of the foreign keys declared, status columns with words, decimal amounts."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE departments (id INTEGER PRIMARY KEY, name TEXT, building TEXT, head_lecturer_id INTEGER);
CREATE TABLE programmes (id INTEGER PRIMARY KEY, name TEXT, department_id INTEGER REFERENCES departments (id),
    award TEXT, duration_years INTEGER, annual_fee DECIMAL(10, 2));
CREATE TABLE students (id INTEGER PRIMARY KEY, student_number TEXT, full_name TEXT, email TEXT, date_of_birth DATE,
    home_country TEXT, programme_id INTEGER REFERENCES programmes (id), study_mode TEXT, enrolled_on DATE,
    status TEXT, left_on DATE, scholarship_percent INTEGER);
CREATE TABLE lecturers (id INTEGER PRIMARY KEY, full_name TEXT, department_id INTEGER, job_title TEXT, email TEXT,
    hired_on DATE, left_on DATE);
CREATE TABLE courses (id INTEGER PRIMARY KEY, code TEXT, title TEXT,
    department_id INTEGER REFERENCES departments (id), level INTEGER, credits INTEGER);
CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT, building TEXT, room_type TEXT, capacity INTEGER);
CREATE TABLE terms (id INTEGER PRIMARY KEY, name TEXT, starts_on DATE, ends_on DATE);
CREATE TABLE sections (id INTEGER PRIMARY KEY, course_id INTEGER REFERENCES courses (id),
    term_id INTEGER REFERENCES terms (id), lecturer_id INTEGER, room_id INTEGER, weekday TEXT, starts_at TEXT);
CREATE TABLE enrolments (id INTEGER PRIMARY KEY, section_id INTEGER REFERENCES sections (id), student_id INTEGER,
    registered_on DATE, status TEXT, mark INTEGER, grade TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, student_id INTEGER, term_id INTEGER, fee_type TEXT,
    amount DECIMAL(10, 2), issued_on DATE, due_on DATE, status TEXT);
CREATE TABLE payments (id INTEGER PRIMARY KEY, invoice_id INTEGER REFERENCES invoices (id), paid_on DATE,
    amount DECIMAL(10, 2), method TEXT);
CREATE TABLE library_loans (id INTEGER PRIMARY KEY, student_id INTEGER, book_title TEXT, book_author TEXT,
    borrowed_on DATE, due_on DATE, returned_on DATE, renewals INTEGER);
"""

DEPARTMENTS = [
    (1, "Business School", "Harrow Building", 2), (2, "Computing", "Mill House", 1),
    (3, "Engineering", "North Annexe", 9), (4, "Health and Nursing", "Harrow Building", 3),
    (5, "Art and Design", "Mill House", 12), (6, "Sciences", "North Annexe", 14),
    (7, "Humanities", "Library Wing", 17), (8, "Hospitality and Tourism", "Harrow Building", None),
    (9, "Continuing Education", None, None),
]  # fmt: skip
PROGRAMMES = [
    (1, "BA Business Management", 1, "bachelor", 3, 8450.0), (2, "BA Accounting and Finance", 1, "bachelor", 3, 8700.0),
    (3, "Certificate in Bookkeeping", 1, "certificate", 1, 3150.0),
    (4, "BSc Computer Science", 2, "bachelor", 3, 9400.0),
    (5, "Diploma in Web Development", 2, "diploma", 2, 6200.0), (6, "MSc Data Science", 2, "master", 1, 11900.0),
    (7, "BEng Mechanical Engineering", 3, "bachelor", 3, 9850.0),
    (8, "Diploma in Electrical Installation", 3, "diploma", 2, 5900.0),
    (9, "Diploma in Nursing", 4, "diploma", 2, 7250.0), (10, "BSc Nursing", 4, "bachelor", 3, 9100.0),
    (11, "Certificate in Social Care", 4, "certificate", 1, 2950.0),
    (12, "BA Graphic Design", 5, "bachelor", 3, 8800.0),
    (13, "Diploma in Fashion", 5, "diploma", 2, 6650.0), (14, "BSc Biology", 6, "bachelor", 3, 9250.0),
    (15, "BSc Chemistry", 6, "bachelor", 3, 9350.0), (16, "BA History", 7, "bachelor", 3, 7900.0),
    (17, "Diploma in Hotel Management", 8, "diploma", 2, 5750.0),
    (18, "MSc Sustainable Engineering", 3, "master", 1, 12400.0),
]  # fmt: skip
POPULARITY = (62, 44, 26, 66, 34, 18, 40, 22, 45, 50, 24, 32, 16, 28, 14, 20, 30, 0)
COURSES = {
    1: ("BUS", "Marketing Principles", "Financial Accounting", "Business Law", "Human Resource Management", "Taxation",
        "Operations Management", "Corporate Strategy", "Entrepreneurship", "Payroll Practice", "Auditing"),
    2: ("CMP", "Introduction to Programming", "Databases", "Computer Networks", "Web Design", "Software Engineering",
        "Machine Learning", "Cyber Security", "Operating Systems", "Mobile Apps"),
    3: ("ENG", "Engineering Mathematics", "Thermodynamics", "Materials", "Circuit Theory", "Wiring Regulations",
        "Fluid Mechanics", "Robotics", "Computer Aided Design"),
    4: ("NUR", "Anatomy and Physiology", "Pharmacology", "Patient Care", "Mental Health", "Midwifery", "Public Health",
        "Care of Older People", "Nursing Ethics", "Infection Control"),
    5: ("ART", "Life Drawing", "Typography", "Illustration", "Textiles", "Pattern Cutting", "Photography",
        "History of Design", "Animation"),
    6: ("SCI", "Linear Algebra", "Organic Chemistry", "Cell Biology", "Genetics", "Ecology", "Analytical Chemistry",
        "Statistics", "Microbiology", "Astronomy"),
    7: ("HUM", "Medieval Europe", "The Cold War", "Academic Writing", "Local History", "Philosophy of Science",
        "The Ottoman Empire", "Oral History"),
    8: ("HOS", "Front Office", "Food and Beverage", "Events Management", "Tourism Geography", "Wine Studies",
        "Kitchen Management"),
}  # fmt: skip
ALWAYS = ("Introduction to Programming", "Pharmacology", "Marketing Principles", "Linear Algebra")
NEVER = ("Astronomy", "Wine Studies", "Oral History", "Animation", "Midwifery")
ROOMS = [
    ("Great Hall", "Harrow Building", "lecture hall", 220), ("H101", "Harrow Building", "lecture hall", 120),
    ("H102", "Harrow Building", "classroom", 36), ("H103", "Harrow Building", "classroom", 30),
    ("H201", "Harrow Building", "classroom", 24), ("H202", "Harrow Building", "classroom", 18),
    ("H203", "Harrow Building", "seminar room", 12), ("H204", "Harrow Building", "seminar room", 10),
    ("Training Kitchen", "Harrow Building", "studio", 16), ("Nursing Suite", "Harrow Building", "science lab", 20),
    ("M01", "Mill House", "computer lab", 32), ("M02", "Mill House", "computer lab", 24),
    ("M03", "Mill House", "computer lab", 18), ("M11", "Mill House", "studio", 22), ("M12", "Mill House", "studio", 14),
    ("M20", "Mill House", "lecture hall", 90), ("N1", "North Annexe", "science lab", 20),
    ("N2", "North Annexe", "science lab", 16), ("N3", "North Annexe", "workshop", 15),
    ("N4", "North Annexe", "classroom", 28), ("N5", "North Annexe", "computer lab", 26),
    ("L1", "Library Wing", "seminar room", 14), ("L2", "Library Wing", "seminar room", 12),
    ("L3", "Library Wing", "classroom", 40), ("Lecture Theatre", "Library Wing", "lecture hall", 150),
    ("L5", "Library Wing", "seminar room", None),
]  # fmt: skip
UNUSED_ROOMS = (8, 26)
TERMS = [
    (1, "Spring 2021", date(2021, 1, 25), date(2021, 5, 28)), (2, "Autumn 2021", date(2021, 9, 20), date(2021, 12, 17)),
    (3, "Spring 2022", date(2022, 1, 24), date(2022, 5, 27)), (4, "Autumn 2022", date(2022, 9, 19), date(2022, 12, 16)),
    (5, "Spring 2023", date(2023, 1, 23), date(2023, 5, 26)), (6, "Autumn 2023", date(2023, 9, 18), date(2023, 12, 15)),
    (7, "Spring 2024", date(2024, 1, 22), date(2024, 5, 24)), (8, "Autumn 2024", date(2024, 9, 23), date(2024, 12, 20)),
    (9, "Spring 2025", date(2025, 1, 27), date(2025, 5, 30)),
    (10, "Summer School 2025", date(2025, 6, 30), date(2025, 8, 1)),
    (11, "Autumn 2025", date(2025, 9, 22), date(2025, 12, 19)),
]  # fmt: skip
BOOKS = (
    ("Anatomy for Nurses", "P. Hollins"), ("Principles of Marketing", "G. Armitage"),
    ("Learning to Program", "T. Lowell"),
    ("Business Accounting", "F. Wooding"), ("Database Systems", "E. Navarro"), ("Organic Chemistry", "J. Claythorn"),
    ("Pharmacology Made Simple", "R. Bhatt"), ("Engineering Mathematics", "K. Stroudley"),
    ("The Story of Type", "A. Merrow"),
    ("Molecular Cell Biology", "H. Lodestone"), ("Europe since 1945", "T. Juddson"), ("Law for Managers", "S. Abbotts"),
    ("Statistics without Tears", "D. Rowntree-Hill"), ("Computer Networks", "A. Tannen"),
    ("Drugs and Doses", "R. Bhatt"),
    ("Thermodynamics", "Y. Cengel-Ross"), ("Hotel Front Office", "J. Bardini"), ("Ecology of the Shore", "M. Tidewell"),
    ("Pattern Cutting Basics", "W. Aldred"), ("How to Write an Essay", "C. Pryor"),
    ("Mental Health Nursing", "I. Normand"),
    ("Strategy in Practice", "H. Mintz"), ("Deep Learning Explained", "E. Navarro"), ("Tax Handbook", "F. Wooding"),
    ("A History of the Valley", "O. Penrose"), ("Drawing the Figure", "L. Hale"), ("Robots at Work", "K. Capek"),
    ("Circuits One", "B. Hewes"), ("Genetics Today", "S. Mendelson"), ("The Long Winter", "N. Aldous"),
)  # fmt: skip
COUNTRIES = ("United Kingdom", "Ireland", "Nigeria", "India", "Poland", "China", "Romania", "Ghana", "Spain")
LAST_DAY = date(2025, 10, 31)
DEFINITE_LECTURERS = ("Margaret Osei", "Tom Ashdown", "Ruth Calloway")


def rows(random: Random) -> Rows:
    names = people(random, 680)
    staff = _lecturers(random, names[640:])
    students = _students(random, names[:640])
    courses = _courses(random)
    sections = _sections(random, courses, staff)
    department = {row[0]: row[2] for row in PROGRAMMES}
    attended = {row[0]: _attended(random, row) for row in students}
    enrolments = _enrolments(random, students, courses, sections, department, attended)
    invoices = _invoices(random, students, attended)
    return {
        "departments": DEPARTMENTS, "programmes": PROGRAMMES, "students": [_plain(row) for row in students],
        "lecturers": [_plain(row) for row in staff], "courses": courses,
        "rooms": [(number, *room) for number, room in enumerate(ROOMS, 1)], "terms": [_plain(row) for row in TERMS],
        "sections": sections, "enrolments": enrolments, "invoices": [_plain(row) for row in invoices],
        "payments": _payments(random, invoices), "library_loans": _loans(random, students),
    }  # fmt: skip


def _plain(row: tuple) -> tuple[object, ...]:
    return tuple(value.isoformat() if isinstance(value, date) else value for value in row)


def _mail(name: str, number: int, host: str) -> str:
    return f"{name.lower().replace(' ', '.')}{number % 10}@{host}"


def _lecturers(random: Random, names: list[str]) -> list[tuple]:
    made: list[tuple] = []
    homes = [
        2,
        1,
        4,
        1,
        1,
        1,
        2,
        2,
        3,
        3,
        3,
        5,
        5,
        6,
        6,
        6,
        7,
        7,
        8,
        8,
        *random.choices(range(1, 9), (6, 5, 4, 6, 3, 4, 2, 2), k=23),
    ]
    titles = ("Professor", "Senior Lecturer", "Lecturer", "Teaching Fellow")
    everyone = [*DEFINITE_LECTURERS, *names]
    for number, (name, home) in enumerate(zip(everyone, homes, strict=False), 1):
        hired = (
            day(random, date(2004, 1, 5), date(2020, 12, 1))
            if number <= 26
            else day(random, date(2021, 1, 4), date(2025, 6, 30))
        )
        if number > 41:
            hired = day(random, date(2025, 10, 1), date(2025, 10, 20))
        left = None
        if number > 20 and hired.year < 2024 and random.random() < 0.3:
            left = day(random, max(hired + timedelta(days=400), date(2022, 6, 1)), date(2025, 7, 31))
        title = "Professor" if number in (1, 2, 9) else random.choices(titles, (8, 24, 52, 16))[0]
        mail = None if random.random() < 0.06 else _mail(name, 0, "staff.college.example").replace("0@", "@")
        made.append((number, name, home, title, mail, hired, left))
    return made


def _students(random: Random, names: list[str]) -> list[tuple]:
    starts = []
    for year, many in ((2021, 108), (2022, 119), (2023, 126), (2024, 141), (2025, 146)):
        for _ in range(many):
            spring = random.random() < 0.12
            starts.append(
                day(random, date(year, 1, 5), date(year, 1, 20))
                if spring
                else day(random, date(year, 9, 1), date(year, 9, 18))
            )
    made: list[tuple] = []
    for number, (name, start) in enumerate(zip(names, sorted(starts), strict=True), 1):
        programme = random.choices(PROGRAMMES, POPULARITY)[0]
        years = int(programme[4])
        mode = "part time" if random.random() < 0.22 else "full time"
        over = start.replace(year=start.year + years) <= date(2025, 9, 30)
        luck = random.random()
        status, left = "active", None
        if luck < (0.03 if start > date(2025, 6, 1) else 0.13):
            status, left = (
                "withdrawn",
                day(random, start + timedelta(days=20), min(start + timedelta(days=500), date(2025, 10, 24))),
            )
        elif over and luck < 0.93:
            status = "graduated"
            left = date(start.year + years, 7 if start.month == 9 else 1, random.choice((3, 4, 5)))
        elif not over and luck > 0.955 and start < date(2025, 6, 1):
            status = "on leave"
        age = int(random.triangular(17, 48, 18.5))
        born = None if random.random() < 0.03 else start - timedelta(days=age * 365 + random.randint(60, 420))
        country = random.choices(COUNTRIES, (70, 6, 7, 6, 4, 3, 2, 2, 1))[0]
        grant = random.choices((None, 25, 50, 75), (85, 8, 5, 2))[0]
        mail = _mail(name, number, "students.college.example")
        made.append(
            (
                number,
                f"S{20000 + number}",
                name,
                mail,
                born,
                country if random.random() > 0.02 else None,
                programme[0],
                mode,
                start,
                status,
                left,
                grant,
            )
        )
    return made


def _courses(random: Random) -> list[tuple]:
    made: list[tuple] = []
    for home, (prefix, *titles) in COURSES.items():
        for place, title in enumerate(titles):
            level = 1 + place * 3 // len(titles)
            made.append(
                (
                    len(made) + 1,
                    f"{prefix}{level}{place + 1:02}",
                    title,
                    home,
                    level,
                    random.choices((10, 20, 30), (3, 6, 1))[0],
                )
            )
    return made


def _sections(random: Random, courses: list[tuple], staff: list[tuple]) -> list[tuple]:
    made: list[tuple] = []
    keen = {row[0]: random.choice((1, 1, 2, 3, 6)) for row in staff}
    for term, name, starts, ends in TERMS:
        if "School" in name:
            continue
        fixed = [row for row in courses if row[2] in ALWAYS]
        others = [row for row in courses if row[2] not in ALWAYS + NEVER]
        chosen = fixed + random.sample(others, 8 if term == 1 else 26)
        chosen += random.sample(chosen, 1 if term == 1 else 3)
        for course in sorted(chosen):
            able = [
                row for row in staff if row[2] == course[3] and row[5] < starts and (row[6] is None or row[6] > ends)
            ]
            teacher = (
                random.choices(able, [keen[row[0]] for row in able])[0][0] if able and random.random() > 0.01 else None
            )
            if course[2] == "Introduction to Programming":
                teacher = 1
            room = random.choice([number for number in range(1, 27) if number not in UNUSED_ROOMS])
            weekday = random.choices(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), (6, 6, 4, 5, 3))[0]
            hour = random.choice(("09:00", "11:00", "13:30", "15:30", "18:00"))
            made.append(
                (len(made) + 1, course[0], term, teacher, None if random.random() < 0.05 else room, weekday, hour)
            )
    return made


def _attended(random: Random, student: tuple) -> list[int]:
    until = student[10] or date(2025, 10, 31)
    terms = [row[0] for row in TERMS if row[0] != 10 and row[2] >= student[8] and row[2] < until]
    return terms[:-1] if student[9] == "on leave" and len(terms) > 1 else terms


def _enrolments(
    random: Random, students: list[tuple], courses: list[tuple], sections: list[tuple], department: dict, attended: dict
) -> list[tuple]:
    home = {row[0]: row[3] for row in courses}
    favour = {row[0]: random.choice((1, 1, 2, 2, 3, 7)) for row in sections}
    ability = {row[0]: random.gauss(61, 11) for row in students}
    made: list[tuple] = []
    for student in students:
        for term in attended[student[0]]:
            if random.random() < 0.1:
                continue
            here = [row for row in sections if row[2] == term]
            own = [row for row in here if home[row[1]] == department[student[6]]]
            chosen: set[int] = set()
            for _ in range(1 if student[7] == "part time" else random.choice((1, 1, 2))):
                pool = own if own and random.random() < 0.85 else here
                chosen.add(random.choices(pool, [favour[row[0]] for row in pool])[0][0])
            for section in sorted(chosen):
                starts = TERMS[term - 1][2]
                on = day(random, max(student[8], starts - timedelta(days=20)), starts + timedelta(days=5))
                status, mark = "completed", None
                if random.random() < 0.07:
                    status = "dropped"
                elif term == 11:
                    status = "registered"
                elif random.random() > 0.03:
                    mark = max(4, min(98, round(random.gauss(ability[student[0]], 9))))
                made.append((section, student[0], on.isoformat(), status, mark, _grade(mark)))
    kept = random.sample(made, min(len(made), 2940))
    return [(number, *row) for number, row in enumerate(sorted(kept, key=lambda row: (row[2], row[1], row[0])), 1)]


def _grade(mark: int | None) -> str | None:
    if mark is None:
        return None
    return "distinction" if mark >= 70 else "merit" if mark >= 60 else "pass" if mark >= 40 else "fail"


def _invoices(random: Random, students: list[tuple], attended: dict) -> list[tuple]:
    fee = {row[0]: float(row[5]) for row in PROGRAMMES}
    drawn: list[tuple] = []
    for student in students:
        for term in attended[student[0]]:
            starts = TERMS[term - 1][2]
            if (starts.month > 6 and student[8].month > 6) or (starts.month < 6 and student[8].month < 6):
                amount = fee[student[6]] * (0.5 if student[7] == "part time" else 1) * (1 - (student[11] or 0) / 100)
                drawn.append(
                    (student[0], term, "tuition", round(amount, 2), starts - timedelta(days=random.randint(-4, 14)))
                )
            if random.random() < 0.05:
                drawn.append(
                    (
                        student[0],
                        term,
                        "laboratory",
                        random.choice((45.0, 60.0, 85.5)),
                        starts + timedelta(days=random.randint(0, 20)),
                    )
                )
            if random.random() < 0.04 and term < 11:
                drawn.append((student[0], term, "resit", 75.0, starts + timedelta(days=random.randint(80, 120))))
            if random.random() < 0.06:
                drawn.append(
                    (
                        student[0],
                        term,
                        "library fine",
                        round(random.uniform(1.5, 28), 1),
                        starts + timedelta(days=random.randint(10, 38)),
                    )
                )
        if student[9] == "graduated" and random.random() < 0.7:
            drawn.append(
                (
                    student[0],
                    attended[student[0]][-1] if attended[student[0]] else None,
                    "graduation",
                    55.0,
                    student[10] - timedelta(days=20),
                )
            )
    drawn.sort(key=lambda row: (row[4], row[0]))
    made: list[tuple] = []
    for number, (student, term, kind, amount, on) in enumerate(drawn, 1):
        recent = on > date(2025, 7, 1)
        status = random.choices(
            ("paid", "part paid", "unpaid", "written off"), (52, 21, 27, 0) if recent else (88, 4, 5, 3)
        )[0]
        if status == "part paid" and kind != "tuition":
            status = "unpaid"
        made.append(
            (number, student, term, kind, amount, on, on + timedelta(days=30 if kind == "tuition" else 14), status)
        )
    return made


def _payments(random: Random, invoices: list[tuple]) -> list[tuple]:
    drawn: list[tuple] = []
    for invoice in invoices:
        if invoice[7] not in ("paid", "part paid"):
            continue
        small = invoice[3] != "tuition"
        due = invoice[4] if invoice[7] == "paid" else round(invoice[4] * random.choice((0.25, 0.3, 0.4, 0.5)), 2)
        parts = 1 if small or invoice[7] == "part paid" else random.choices((1, 2, 3), (66, 22, 12))[0]
        left = due
        for part in range(parts):
            amount = left if part == parts - 1 else round(due / parts, 2)
            left = round(left - amount, 2)
            on = min(invoice[5] + timedelta(days=int(random.triangular(1, 55, 14)) + part * 60), LAST_DAY)
            weights = (10, 52, 10, 28) if small else (46, 26, 25, 3)
            drawn.append(
                (
                    invoice[0],
                    on.isoformat(),
                    amount,
                    random.choices(("bank transfer", "card", "direct debit", "cash"), weights)[0],
                )
            )
    return [(number, *row) for number, row in enumerate(sorted(drawn, key=lambda row: (row[1], row[0])), 1)]


def _loans(random: Random, students: list[tuple]) -> list[tuple]:
    drawn: list[tuple] = []
    keen = [random.choice((0, 0, 1, 1, 2, 4, 9)) for _ in students]
    for student in random.choices(students, keen, k=960):
        book = BOOKS[min(int(random.expovariate(0.11)), len(BOOKS) - 1)]
        on = day(random, student[8] + timedelta(days=3), min(student[10] or LAST_DAY, date(2025, 10, 20)))
        renewals = random.choices((0, 1, 2), (78, 17, 5))[0]
        due = on + timedelta(days=21 * (renewals + 1))
        back = on + timedelta(days=int(random.triangular(1, 30 + 21 * renewals, 16 + 18 * renewals)))
        gone = back > LAST_DAY or random.random() < 0.03
        drawn.append((student[0], *book, on.isoformat(), due.isoformat(), None if gone else back.isoformat(), renewals))
    return [(number, *row) for number, row in enumerate(sorted(drawn, key=lambda row: (row[3], row[0])), 1)]


COLLEGE = Stranger("college", DDL, rows, seed=61)
