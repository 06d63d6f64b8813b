"""Which columns look as if they say something about a person. A guess for whoever writes the catalogue, who decides."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from data.naming import Lexicon, single, words

NAMES = """
email mail phone mobile telephone tel fax iban ssn sin dob birthday birthdate birth born surname lastname firstname
fullname forename maidenname username nickname passport address street postcode zip zipcode postal latitude
longitude ip msisdn cardholder pan gender ethnicity religion salary
"""
PAIRS = """
first_name last_name full_name given_name family_name middle_name display_name user_name legal_name card_number
account_number tax_id national_id id_number license_number licence_number social_security date_birth birth_date
"""
PEOPLE = """
user customer client person people employee patient member contact passenger student staff buyer seller driver
owner holder author borrower guest subscriber vet doctor nurse teacher agent worker physician provider manager tutor
professor instructor officer tenant resident donor volunteer applicant candidate claimant insured policyholder
"""
PATTERNS: Mapping[str, str] = {
    "an e-mail address": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "a phone number": r"\+\d[\d ().-]{6,17}\d",
    "an IBAN": r"[A-Z]{2}\d{2}[A-Z0-9 ]{11,34}",
    "a social security number": r"\d{3}-\d{2}-\d{4}",
    "a network address": r"\d{1,3}(\.\d{1,3}){3}",
}
"""What most of a column's values may look like, as patterns for the engine."""
MOST = 0.8
"""The share of values that makes a pattern the column's."""


def named(table: str, column: str, lexicon: Lexicon | None = None) -> str | None:
    """Why the column's name, as it stands or with its short words written out, speaks of a person; or None."""
    meant = [lexicon.written_out(words(column)), lexicon.said(table, column).split()] if lexicon else []
    owner = lexicon.written_out(lexicon.bare(table)) if lexicon else words(table)
    for said in (words(column), *meant):
        if why := _named(table, column, {single(word) for word in owner}, said):
            return why
    return None


def _named(table: str, column: str, owner: set[str], said: list[str]) -> str | None:
    found = [word for word in said if word not in ("of", "the")]
    if set(NAMES.split()) & set(found) or set(PAIRS.split()) & {"_".join(pair) for pair in pairwise(found)}:
        return f"looks personal: named '{column}'"
    people = set(PEOPLE.split())
    if found == ["name"] and owner & people:
        return f"looks personal: the name of a row of '{table}'"
    if found[-1:] == ["name"] and len(found) == 2 and found[0] in people:
        return f"looks personal: named '{column}'"
    return None


def like(shares: Mapping[str, float]) -> str | None:
    """Why the column's values look personal, by the share of them that fits each pattern; or None."""
    what = max(shares, key=lambda name: shares[name], default=None)
    if what is None or shares[what] < MOST:
        return None
    return f"looks personal: {shares[what]:.0%} of values look like {what}"
