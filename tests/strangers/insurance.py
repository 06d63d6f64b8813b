"""An insurer: tbl_ and lkp_ prefixes, short column names, days as text, look-up tables of codes, few declared keys."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people, person
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE tbl_cust (cust_id INTEGER PRIMARY KEY, cust_nm TEXT, DOB TEXT, gndr TEXT, prov_cd TEXT, mrtl_st TEXT,
    ann_inc_k REAL, refd_by_cust_id INTEGER);
CREATE TABLE tbl_agt (agt_id INTEGER PRIMARY KEY, agt_nm TEXT, brnch TEXT, hire_dt TEXT, term_dt TEXT,
    upl_agt_id INTEGER,
    comm_pct REAL);
CREATE TABLE tbl_pol (pol_no TEXT PRIMARY KEY, cust_id INTEGER, agt_id INTEGER, prod_cd TEXT, eff_dt TEXT, exp_dt TEXT,
    canc_dt TEXT, stat_cd TEXT, ann_prem REAL, pay_freq TEXT);
CREATE TABLE tbl_cov (pol_no TEXT, cov_typ TEXT, lmt_amt INTEGER, ded_amt INTEGER);
CREATE TABLE tbl_clm (clm_no TEXT PRIMARY KEY, pol_no TEXT, loss_dt TEXT, rpt_dt TEXT, cls_dt TEXT, cause_cd TEXT,
    clmd_amt_c INTEGER, rsv_amt_c INTEGER, fraud_flg TEXT, adj_agt_id INTEGER);
CREATE TABLE tbl_clm_pymt (pymt_id INTEGER PRIMARY KEY, clm_no TEXT REFERENCES tbl_clm (clm_no), pymt_dt TEXT,
    amt_c INTEGER, payee_typ TEXT);
CREATE TABLE lkp_prod (prod_cd TEXT PRIMARY KEY, prod_desc TEXT, lob TEXT);
CREATE TABLE lkp_stat (stat_cd TEXT PRIMARY KEY, stat_desc TEXT);
CREATE TABLE lkp_cause (cause_cd TEXT PRIMARY KEY, cause_desc TEXT, is_nat_cat TEXT);
"""

PRODUCTS = [
    ("AUT", "Motor comprehensive", "Motor"), ("ATP", "Motor third party", "Motor"),
    ("HOM", "Home and contents", "Property"),
    ("LND", "Landlord", "Property"), ("TRV", "Travel", "Personal"), ("PET", "Pet health", "Personal"),
    ("CYC", "Bicycle", "Personal"), ("YCT", "Yacht", "Property"),
]  # fmt: skip
STATES = [("IF", "In force"), ("LP", "Lapsed"), ("CN", "Cancelled"), ("EX", "Expired"), ("PN", "Pending")]
CAUSES = [
    ("COL", "Collision", "N"), ("THF", "Theft", "N"), ("FIR", "Fire", "N"), ("WTR", "Burst pipe", "N"),
    ("FLD", "Flood", "Y"), ("HAL", "Hail", "Y"), ("ILL", "Illness", "N"), ("LUG", "Lost luggage", "N"),
    ("EQK", "Earthquake", "Y"),
]  # fmt: skip
CAUSES_OF = {
    "AUT": "COL COL COL THF HAL FIR", "ATP": "COL", "HOM": "THF FIR WTR WTR FLD HAL", "LND": "FIR WTR FLD",
    "TRV": "ILL LUG LUG THF", "PET": "ILL", "CYC": "THF THF COL", "YCT": "COL",
}  # fmt: skip
PREMIUM = {"AUT": 720, "ATP": 340, "HOM": 410, "LND": 560, "TRV": 95, "PET": 260, "CYC": 70, "YCT": 1400}
BRANCHES = ("Lisbon", "Porto", "Braga", "Faro", "Coimbra")
PROVINCES = ("LIS", "POR", "BRA", "FAR", "COI", "EVO")
TODAY = date(2024, 12, 31)


def rows(random: Random) -> Rows:
    agents = [_agent(random, number, name) for number, name in enumerate(people(random, 55), 1)]
    customers = [_customer(random, number) for number in range(1, 601)]
    policies = [_policy(random, number) for number in range(1, 1101)]
    covers = [cover for policy in policies for cover in _covers(random, policy)]
    claims = [_claim(random, number, policies) for number in range(1, 481)]
    payments = [payment for claim in claims for payment in _payments(random, claim)]
    return {
        "tbl_cust": customers, "tbl_agt": agents, "tbl_pol": policies, "tbl_cov": covers, "tbl_clm": claims,
        "tbl_clm_pymt": [(number, *payment) for number, payment in enumerate(payments, 1)],
        "lkp_prod": PRODUCTS, "lkp_stat": STATES, "lkp_cause": CAUSES,
    }  # fmt: skip


def _agent(random: Random, number: int, name: str) -> tuple[object, ...]:
    hired = day(random, date(2006, 1, 1), date(2023, 6, 30))
    left = day(random, hired + timedelta(days=365), TODAY) if number > 8 and random.random() < 0.18 else None
    boss = None if number < 3 else random.randint(1, 2) if number < 9 else random.randint(3, 8)
    return (
        number,
        name,
        random.choice(BRANCHES),
        f"{hired}",
        left and f"{left}",
        boss,
        random.choice((5.0, 7.5, 10.0, 12.0)),
    )


def _customer(random: Random, number: int) -> tuple[object, ...]:
    born = day(random, date(1938, 1, 1), date(2004, 12, 31)).isoformat() if random.random() < 0.97 else None
    income = round(random.lognormvariate(3.4, 0.5), 1) if random.random() < 0.8 else None
    referred = random.randint(1, number - 1) if number > 30 and random.random() < 0.22 else None
    province = random.choices(PROVINCES, (32, 24, 12, 10, 9, 5))[0]
    return (
        number,
        person(random),
        born,
        random.choice("FM"),
        province,
        random.choice(("S", "M", "M", "D", "W")),
        income,
        referred,
    )


def _policy(random: Random, number: int) -> tuple[object, ...]:
    product = random.choices([row[0] for row in PRODUCTS], (30, 14, 24, 7, 11, 8, 6, 0))[0]
    begun = day(random, date(2020, 1, 1), date(2025, 1, 31))
    ends = begun.replace(year=begun.year + random.choice((1, 1, 2, 3)), day=1)
    cancelled = day(random, begun, min(ends, TODAY)) if begun < TODAY and random.random() < 0.1 else None
    lapsed = begun < TODAY and random.random() < 0.05
    state = "CN" if cancelled else "PN" if begun > TODAY else "LP" if lapsed else "EX" if ends <= TODAY else "IF"
    agent = random.choice(range(1, 53)) if random.random() < 0.88 else None
    premium = round(PREMIUM[product] * random.uniform(0.6, 1.9), 2)
    customer = int(random.random() ** 1.2 * 540) + 1
    return (
        f"{product}-{100000 + number}", customer, agent, product, f"{begun}", f"{ends}", cancelled and f"{cancelled}",
        state, premium, random.choice("YYMMQ"),
    )  # fmt: skip


def _covers(random: Random, policy: tuple[object, ...]) -> list[tuple[object, ...]]:
    kinds = {
        "AUT": "own damage,liability,glass,roadside",
        "ATP": "liability,roadside",
        "HOM": "building,contents,liability",
    }
    names = kinds.get(str(policy[3]), "standard").split(",")
    chosen = random.sample(names, random.randint(1, len(names)))
    return [
        (policy[0], name, random.choice((5, 10, 50, 100, 250)) * 1_000, random.choice((0, 150, 300, 500, 1_000)))
        for name in chosen
    ]


def _claim(random: Random, number: int, policies: list[tuple[object, ...]]) -> tuple[object, ...]:
    policy = random.choice([one for one in random.sample(policies, 40) if str(one[4]) < "2024-11-15"])
    start = date.fromisoformat(str(policy[4]))
    loss = day(random, start, min(date.fromisoformat(str(policy[5])), date(2024, 12, 10)))
    told = loss + timedelta(days=min(int(random.expovariate(0.12)), 20))
    closed = told + timedelta(days=random.randint(5, 260))
    cause = random.choice(CAUSES_OF[str(policy[3])].split())
    claimed = int(random.lognormvariate(11.6, 0.9))
    done = f"{closed}" if closed <= TODAY and random.random() < 0.9 else None
    fraud = random.choices(("Y", "N", None), (5, 85, 10))[0]
    handler = random.randint(20, 40) if random.random() < 0.9 else None
    return (
        f"C{240000 + number}", policy[0], f"{loss}", f"{told}", done, cause, claimed,
        0 if done else int(claimed * random.uniform(0.4, 1.0)), fraud, handler,
    )  # fmt: skip


def _payments(random: Random, claim: tuple[object, ...]) -> list[tuple[object, ...]]:
    if claim[8] == "Y" or random.random() < (0.15 if claim[4] else 0.7):
        return []
    told = date.fromisoformat(str(claim[3]))
    parts = random.choice((1, 1, 1, 2, 3))
    share = int(int(str(claim[6])) * random.uniform(0.55, 1.0) / parts)
    last = min(TODAY, date.fromisoformat(str(claim[4])) if claim[4] else TODAY)
    return [
        (
            claim[0],
            day(random, told, last).isoformat(),
            share,
            random.choice(("insured", "insured", "repairer", "third party")),
        )
        for _ in range(parts)
    ]


INSURANCE = Stranger("insurance", DDL, rows, seed=45)
