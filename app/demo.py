"""The demonstration that `make demo` shows: six questions of different people over four stores.

Each answer is checked: its status, and its rows against a query that a person wrote, under the same rights.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import home, quiet
from app.assembly import Lakewright
from app.cli.asking import show
from app.cli.home import prepare
from app.cli.tables import table
from app.settings import Settings
from data.errors import DataError

if TYPE_CHECKING:
    from rich.console import Console

    from agents.ask.state import Answer

SCALE = 0.1


@dataclass(frozen=True)
class Scene:
    """A question, who asks it, what it shows, and what has to come out; `gold` is the query of a person."""

    title: str
    principal: str
    question: str
    status: str
    gold: str = ""


SCENES = (
    Scene(
        "A count",
        "owner",
        "How many shops are there in Toronto?",
        "answered",
        "SELECT count(*) FROM square.merchants WHERE city = 'Toronto'",
    ),
    Scene(
        "A join of two stores: SQLite and PostgreSQL",
        "owner",
        "How many streams per country of the listener?",
        "answered",
        "SELECT u.country, count(*) FROM tidal.plays p JOIN cash.users u ON u.user_id = p.user_id GROUP BY 1",
    ),
    Scene(
        "Another: Delta and PostgreSQL",
        "owner",
        "What is the total amount of payments by card network?",
        "answered",
        "SELECT network, sum(amount) FROM square.payments p JOIN cash.cards c USING (card_id) GROUP BY 1",
    ),
    Scene(
        "The acquirer's analyst asks for the music business",
        "square-analyst",
        "How many plays did the artist Nova have?",
        "forbidden",
    ),
    Scene(
        "The wallet's analyst sees e-mails masked",
        "cash-analyst",
        "List the emails of users in Toronto",
        "answered",
        "SELECT email FROM cash.users WHERE city = 'Toronto'",
    ),
    Scene(
        "Support in Canada counts its own customers only",
        "support-ca",
        "How many customers are there by city?",
        "answered",
        "SELECT city, count(*) FROM cash.users GROUP BY city",
    ),
)


def main() -> int:
    """Make the demo home where there is none, ask, and give 0 if every answer is what it should be."""
    from rich.console import Console

    quiet.terminal()
    console = Console(highlight=False)
    try:
        settings = Settings.load()
        if not home.ready(settings.home):
            prepare(settings, SCALE, 7, _say)
        return play(Lakewright.open(settings), console)
    except DataError as error:
        print(f"{error.message}\n  {error.remedy}", file=sys.stderr)
        return 1


def play(lakewright: Lakewright, console: Console) -> int:
    """Ask all the questions; 1 if an answer is not what it should be."""
    played = [(scene, _asked(lakewright, scene, console)) for scene in SCENES]
    _times([answer for _, answer in played], console)
    wrong = [complaint for scene, answer in played if (complaint := _complaint(lakewright, scene, answer))]
    for complaint in wrong:
        console.print(f"WRONG: {complaint}", markup=False)
    console.print(f"{len(played) - len(wrong)} of {len(played)} answers are as they should be.\n")
    _ending(lakewright, console)
    lakewright.close()
    return 1 if wrong else 0


def _asked(lakewright: Lakewright, scene: Scene, console: Console) -> Answer:
    console.rule(scene.title, align="left", style="dim")
    console.print(f"{scene.principal} asks: {scene.question}", markup=False)
    answer = lakewright.ask.run(lakewright.principal(scene.principal), scene.question)
    show(console, {**answer.as_json(), "rows": answer.as_json()["rows"][:10]})
    return answer


def _complaint(lakewright: Lakewright, scene: Scene, answer: Answer) -> str:
    """What is wrong with the answer, or nothing."""
    from agents import rowsets
    from agents.ask.compose import rows_of

    if answer.status != scene.status:
        return f"'{scene.question}' is {answer.status}, and should be {scene.status}: {answer.answer}"
    if not scene.gold:
        return ""
    gold = lakewright.gateway.query(lakewright.principal(scene.principal), scene.gold)
    right = rowsets.same(rowsets.table(rows_of(gold)[1]), rowsets.table(answer.rows), ordered=False)
    return "" if right else f"The rows for '{scene.question}' are not those of: {scene.gold}"


def _times(answers: list[Answer], console: Console) -> None:
    """Seconds by step for each question. The first ones also wake the model and the stores."""
    steps = list(dict.fromkeys(step for answer in answers for step in answer.timings))
    rows = [(a.question, *(a.timings.get(step) for step in steps), a.seconds) for a in answers]
    console.rule("Where the time went, in seconds", align="left", style="dim")
    console.print(table(("question", *steps, "in all"), rows))


def _ending(lakewright: Lakewright, console: Console) -> None:
    place = lakewright.settings.home
    lines = (
        "Ask your own data:",
        f"  export LAKEWRIGHT_HOME={place}",
        "  lakewright catalog add NAME sqlite FILE    (or postgres, mysql, delta, iceberg, csv, …)",
        "  lakewright token create --for owner",
        "  lakewright serve                           and sign in on http://127.0.0.1:8400/",
    )
    console.print("\n".join(lines), markup=False)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
