"""The home: its rights, its format, its catalogue, policy, indexes and tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from app import home as place
from app.doctor.check import Check, Look
from app.migrations import FORMAT, format_of
from app.secret import complaint
from app.settings import Settings
from app.tokens import Tokens
from data import drift
from data.catalog import Catalog
from data.policy import Policy

UNUSED = "It is made at the first question."


def home(settings: Settings) -> Iterator[Check]:
    place.require(settings.home)
    place.require_owner(settings.home)
    # PostgreSQL refuses to run as root: its own user must then be able to pass through the folder.
    forbidden = 0o022 if os.getuid() == 0 else 0o077
    open_to_others = settings.home.stat().st_mode & forbidden
    remedy = f"Run: chmod 700 {settings.home}" if open_to_others else ""
    yield Check("home", not open_to_others, "others may enter it" if open_to_others else "private", remedy)
    writable = os.access(settings.home, os.W_OK)
    yield Check("home is writable", writable, str(settings.home), "" if writable else "Change its permissions.")


def form(settings: Settings) -> Iterator[Check]:
    found = format_of(settings.home)
    remedy = "" if found <= FORMAT else "Upgrade Lakewright, or restore a back-up that this version made."
    said = f"{found}" if found == FORMAT else f"{found}; this Lakewright has {FORMAT}"
    yield Check("format", found <= FORMAT, said, remedy)


def catalog(settings: Settings) -> Iterator[Check]:
    """What is declared, and every source by itself."""
    declared = Catalog.load(settings.home / place.CATALOG)
    policy = Policy.load(settings.home / place.POLICY, declared)
    yield Check("policy", True, f"{len(policy.principals)} principals")
    problems = [found for found in drift.check(settings.home, declared) if found.broken]
    broken = {problem.source for problem in problems}
    yield from (Check(f"source: {found.source}", False, found.message, found.remedy) for found in problems)
    for source in declared.sources:
        if source.name not in broken:
            yield Check(f"source: {source.name}", True, f"{source.kind}, {len(source.tables)} tables as described")
    said = f"{len(declared.tables)} tables in {len(declared.sources)} sources"
    yield Check("catalog", not problems, said, "See to the sources above." if problems else "")


def index(settings: Settings) -> Iterator[Check]:
    """An index that is older than the catalogue is made anew by itself: worth knowing, never wrong."""
    folder, declared = settings.home / "index", settings.home / place.CATALOG
    if not folder.is_dir():
        yield Check("index", True, "not made yet", UNUSED)
        return
    made = max((path.stat().st_mtime for path in folder.rglob("*")), default=folder.stat().st_mtime)
    old = made < declared.stat().st_mtime
    said = (
        f"made {datetime.fromtimestamp(made, UTC):%Y-%m-%d %H:%M} UTC{', before the catalogue changed' if old else ''}"
    )
    yield Check("index", True, said, "The next question makes it anew." if old else "")


def audit(settings: Settings) -> Iterator[Check]:
    from app.assembly import Lakewright

    lakewright = Lakewright.open(settings)
    try:
        verdict = lakewright.gateway.audit.verify()
    finally:
        lakewright.close()
    remedy = "" if verdict.ok else "Somebody changed the audit trail: restore the home from a back-up."
    yield Check("audit", verdict.ok, verdict.problem or f"{verdict.records} records, whole", remedy)


def access(settings: Settings) -> Iterator[Check]:
    """Who could sign in, and whether what seals their sessions is fit for other machines."""
    now = datetime.now(UTC)
    path = settings.home / "tokens.sqlite"
    valid = [token for token in Tokens(path).all() if token.valid(now)] if path.exists() else []
    ways = f"{len(valid)} tokens are valid{'; tokens of ' + settings.oidc.issuer if settings.oidc else ''}"
    hint = "" if valid or settings.oidc else "Make one: lakewright token create --for PRINCIPAL"
    yield Check("tokens", True, ways, hint)
    wrong = complaint(settings.secret.get_secret_value())
    remote = not place.local(settings.host)
    yield Check("secret", not (wrong and remote), wrong or "fit for other machines", _secret(wrong, remote))


def _secret(wrong: str, remote: bool) -> str:
    if not wrong:
        return ""
    return "Set LAKEWRIGHT_SECRET." if remote else "This machine needs none; other machines would."


LOOKS: tuple[Look, ...] = (home, form, catalog, index, audit, access)
