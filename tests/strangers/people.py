"""Names of people that several of the databases draw from."""

from __future__ import annotations

from random import Random

FIRST = (
    "Agnes",
    "Amir",
    "Beatriz",
    "Bruno",
    "Chidi",
    "Clara",
    "Dmitri",
    "Edith",
    "Elif",
    "Fatima",
    "Felix",
    "Gita",
    "Hana",
    "Hugo",
    "Imani",
    "Ivan",
    "Jonas",
    "Kaya",
    "Lena",
    "Luca",
    "Mei",
    "Milan",
    "Nadia",
    "Noor",
    "Olga",
    "Omar",
    "Petra",
    "Quentin",
    "Rosa",
    "Samir",
    "Sven",
    "Tess",
    "Uma",
    "Viktor",
    "Wanda",
    "Yusuf",
    "Zoe",
)
LAST = (
    "Abadi",
    "Berg",
    "Castellano",
    "Dahl",
    "Eriksen",
    "Fontaine",
    "Gruber",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quist",
    "Rossi",
    "Sato",
    "Tanaka",
    "Ueda",
    "Varga",
    "Weiss",
    "Xu",
    "Yilmaz",
    "Zeman",
    "Brandt",
    "Costa",
    "Duarte",
    "Engel",
)


def person(random: Random) -> str:
    return f"{random.choice(FIRST)} {random.choice(LAST)}"


def people(random: Random, n: int) -> list[str]:
    """`n` different names."""
    everyone = [f"{first} {last}" for last in LAST for first in FIRST]
    return random.sample(everyone, n)
