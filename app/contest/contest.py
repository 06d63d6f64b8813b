"""Every side answers every question, each database in a home of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.contest.ledger import Ledger
from app.contest.sides import Asker, Ours, Side, Theirs, for_database, transcripts
from app.contest.standing import Standing

if TYPE_CHECKING:
    from agents.endpoints import EndpointSpec
    from agents.evaluation.gold import Gold
    from agents.evaluation.outcome import Outcome
    from agents.evaluation.question import Line
    from app.assembly import Lakewright
    from app.contest.databases import Database
    from app.settings import Settings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What is measured. Answers are kept in `results`; those of an earlier run count unless it is to be `fresh`."""

    databases: tuple[Database, ...]
    specs: tuple[EndpointSpec, ...]
    peers: tuple[str, ...]
    results: Path
    fresh: bool = False
    peer_python: Path | None = None


def hold(plan: Plan, settings: Settings, say: Say) -> Standing:
    """Ask all that has no answer yet; up to Ctrl-C, where anything is known by then."""
    from app import packaged

    ledger = Ledger(plan.results, fresh=plan.fresh)
    packaged.provide(settings.models_folder, say)
    with ExitStack() as stack:
        sides: list[Side] = [Ours(spec.name, spec, settings.models_folder) for spec in plan.specs]
        sides += _theirs(plan, settings, stack, say)
        try:
            for database in plan.databases:
                _meet(database, sides, plan.specs, ledger, settings, say)
        except KeyboardInterrupt:
            say(f"Interrupted: the same command goes on. The answers are in {plan.results}.")
    return Standing.of(plan.databases, sides, ledger)


def _theirs(plan: Plan, settings: Settings, stack: ExitStack, say: Say) -> list[Side]:
    """The peers, each with each model of a server that runs as long as the stack is open."""
    if not plan.peers:
        return []
    from agents import peers
    from app.completions import serving

    python = peers.provide(plan.peer_python, say)
    models = transcripts(settings, plan.specs, say)
    url = stack.enter_context(serving({name: model for name, (_, model) in models.items()}))
    return [Theirs(peer, name, python, url, made) for peer in plan.peers for name, (made, _) in models.items()]


def _meet(
    database: Database,
    sides: Sequence[Side],
    specs: Sequence[EndpointSpec],
    ledger: Ledger,
    settings: Settings,
    say: Say,
) -> None:
    """One side after the other, so that none pays for what another keeps warm."""
    missing = [(side, lines) for side in sides if (lines := _unanswered(database, side, ledger))]
    if not missing:
        return
    with _opened(database, specs, settings) as lakewright:
        right = _golds(database, lakewright)
        for side, lines in missing:
            with side.asked(database, lakewright) as asker:
                _ask(side, lines, right, asker, partial(ledger.add, side.name, side.parts(database)), say)


def _unanswered(database: Database, side: Side, ledger: Ledger) -> list[Line]:
    parts = side.parts(database)
    return [line for line in database.lines if ledger.get(side.name, parts, line) is None]


def _golds(database: Database, lakewright: Lakewright) -> dict[int, tuple[Gold, ...]]:
    """The right rows by the number of a line."""
    from agents.evaluation.gold import golds

    principal = lakewright.principal(lakewright.settings.principal)
    return {line.number: golds(line, lakewright.gateway, principal) for line in database.lines}


def _ask(
    side: Side,
    lines: Sequence[Line],
    right: dict[int, tuple[Gold, ...]],
    asker: Asker,
    keep: Callable[[Outcome], None],
    say: Say,
) -> None:
    from agents.evaluation.run import outcome
    from agents.peers.rows import plain

    for number, line in enumerate(lines, 1):
        golds = right[line.number]
        if isinstance(side, Theirs):
            golds = tuple(replace(gold, rows=plain(gold.rows)) for gold in golds)
        asker.ready()
        found = outcome(line, golds, asker.ask)
        keep(found)
        judged = "right" if found.right else f"wrong ({found.status})"
        say(f"{line.file} {number}/{len(lines)} {side.name}: {judged}, {found.seconds:.1f} s")


@contextmanager
def _opened(database: Database, specs: Sequence[EndpointSpec], settings: Settings) -> Iterator[Lakewright]:
    """A home of the database alone, as `catalog add` leaves it."""
    from app import home as homes
    from app.assembly import Lakewright
    from data import onboard

    with tempfile.TemporaryDirectory(prefix="lakewright-bench-") as folder:
        home = Path(folder) / "home"
        homes.begin(home)
        onboard.add(home, database.name, "sqlite", str(database.path.resolve()))
        known = {spec.name for spec in settings.specs()}
        more = tuple(for_database(spec, database) for spec in specs if spec.name not in known)
        changed = {"home": home, "models": settings.models_folder, "endpoints": (*settings.endpoints, *more)}
        lakewright = Lakewright.open(settings.model_copy(update=changed))
        try:
            yield lakewright
        finally:
            lakewright.close()
