"""A world as a database, with a file of what people asked of it, for `lakewright catalog add` and `lakewright eval`.

python -m finetune.stored WORLD SEED FOLDER
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.grammar import OTHERWISE
from finetune.ground import Ground
from finetune.transfer import Transfer
from finetune.worded import worded
from finetune.worlds import world
from finetune.worlds.assembly import World, worlds
from finetune.worlds.store import store


def write(name: str, seed: int, folder: Path) -> tuple[Path, Path]:
    """The database and the questions, new in `folder`. Raises FileExistsError where the database is there."""
    made, questions = world(name, seed), folder / f"{name}.jsonl"
    database = folder / f"{name}.sqlite"
    if database.exists():
        raise FileExistsError(database)
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asked, ensure_ascii=False) + "\n" for asked in _asked(made, seed))
    questions.write_text("".join(lines), encoding="utf-8")
    return store(made, database), questions


def _asked(made: World, seed: int) -> Iterator[dict[str, Any]]:
    """A wording of each question that the database can be asked, with its SQL or that there is no answer."""
    rng = random.Random(f"{made.name}-{seed}")
    transfer = Transfer.of(made.name, Ground.of(made), made.sources)
    for number, one in enumerate(worded(made.name)):
        if found := transfer.drawn(one, rng):
            gold = {"status": ["unsure", "clarify"]} if found.sql in OTHERWISE else {"sql": found.sql}
            yield {"id": f"{made.name}-{number}", "question": found.question, **gold}


def main() -> None:
    """Say what was written."""
    parser = argparse.ArgumentParser(prog="python -m finetune.stored", description=main.__doc__)
    parser.add_argument("world", choices=worlds(), metavar="WORLD", help="such as hotel: finetune/worlds/domains")
    parser.add_argument("seed", type=int, metavar="SEED", help="the way to store it; 0 as its file says")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    told = parser.parse_args()
    try:
        written = write(told.world, told.seed, told.folder)
    except FileExistsError as error:
        parser.error(f"{error} is there already; give another folder")
    sys.stdout.write("".join(f"{path}\n" for path in written))


if __name__ == "__main__":
    main()
