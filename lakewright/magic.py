"""Notebooks: `%load_ext lakewright`, then a cell that says in words what it should do.

    %%lakewright --lang pyspark --run
    Revenue by country and month, for captured payments

The program comes as the next cell, to be read and changed before it is run. LAKEWRIGHT_URL and LAKEWRIGHT_TOKEN name
the server and who asks.
"""

from __future__ import annotations

import argparse
import os
import shlex
import unicodedata
from typing import TYPE_CHECKING, Any, NoReturn

from lakewright.client import Client
from lakewright.errors import LakewrightError

if TYPE_CHECKING:
    from lakewright.code import Delivery

FENCES = {"sql": "sql", "dbt": "sql", "stream": "yaml"}
MOST_ROWS = 20


class _Options(argparse.ArgumentParser):
    """Options of the magic: what is wrong with them is said, and ends no kernel."""

    def error(self, message: str) -> NoReturn:
        raise LakewrightError("invalid", f"%%lakewright: {message}.", self.format_usage().strip())


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext lakewright` does."""
    shell.register_magic_function(lambda line, cell: _cell(shell, line, cell), "cell", "lakewright")


def connect() -> Client:
    """The client of the server that the environment names."""
    url, token = os.environ.get("LAKEWRIGHT_URL", ""), os.environ.get("LAKEWRIGHT_TOKEN", "")
    if not url or not token:
        raise LakewrightError("invalid", "No server is named.", "Set LAKEWRIGHT_URL and LAKEWRIGHT_TOKEN.")
    return Client(url, token)


def said(delivery: Delivery) -> str:
    """A delivery as plain text: nothing in it can steer the notebook."""
    lines = [f"[{delivery.status}] {delivery.question or (delivery.error or {}).get('message', '')}".rstrip()]
    lines += [f"{check.verdict:7} {check.name}: {check.detail}" for check in delivery.checks]
    if delivery.explanation:
        lines.append(delivery.explanation)
    if delivery.result:
        lines.append(" | ".join(delivery.result["columns"]))
        lines += [" | ".join(map(str, row)) for row in delivery.result["rows"][:MOST_ROWS]]
    return _clean("\n".join(lines))


def cell_of(delivery: Delivery) -> str:
    """The program as a cell of a notebook: what is no Python stands as a text."""
    fence = FENCES.get(delivery.language)
    return delivery.code if fence is None else f"{fence} = {delivery.code!r}"


def _cell(shell: Any, line: str, cell: str) -> Delivery | None:
    try:
        given = _options(line)
        with connect() as client:
            delivery = client.code.write(
                cell.strip(), language=given.lang, mode="run" if given.run else "plan", dialect=given.dialect,
                endpoint=given.endpoint, thread=given.thread,
            )  # fmt: skip
    except LakewrightError as error:
        print(_clean(str(error)))  # noqa: T201 - this is the cell's output
        return None
    print(said(delivery))  # noqa: T201
    if delivery.code:
        shell.set_next_input(cell_of(delivery))
    return delivery


def _options(line: str) -> argparse.Namespace:
    options = _Options(prog="%%lakewright", add_help=False)
    options.add_argument("--lang", default="python")
    options.add_argument("--run", action="store_true")
    for name in ("--dialect", "--endpoint", "--thread"):
        options.add_argument(name)
    try:
        return options.parse_args(shlex.split(line))
    except ValueError as error:
        raise LakewrightError("invalid", f"%%lakewright: {error}.", "Close the quotes.") from None


def _clean(text: str) -> str:
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t" else c
        for c in text
    )
