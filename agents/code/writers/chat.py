"""A large model behind any endpoint: told what there is, it writes; told what was wrong, it mends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agents.ask import instruct
from agents.ask.converse import converse
from agents.code import prompts
from agents.code.state import Attempt, Draft, Task
from agents.code.tools import CodeTools
from agents.code.writers import Bench, Context

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from agents.endpoints import Endpoint

MOST_TOKENS = 4_096
BLOCK = re.compile(r"```[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL)
LONGEST_PRINT, LONGEST_EXPLANATION = 1_500, 2_000


class ChatWriter:
    """Writes with one endpoint for one caller."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def write(self, task: Task, context: Context, attempts: tuple[Attempt, ...]) -> Draft:
        """The next draft, after the attempts that were no good."""
        said = list(_messages(task, context, attempts))
        return read(self._bench.line.attempt(lambda endpoint: self._reply(endpoint, said)), task)

    def _reply(self, endpoint: Endpoint, said: list[BaseMessage]) -> str:
        tools = CodeTools(self._bench, self._bench.runs) if endpoint.tools else None
        with self._bench.line.metered(endpoint) as spending:
            return converse(endpoint, said, tools, lambda text: None, spending, max_tokens=MOST_TOKENS).text


def read(reply: str, task: Task) -> Draft:
    """What a reply says: a program, or that the model can't or needs to know more."""
    declined, words = instruct.declined(reply)
    if declined:
        return Draft(reply="clarify" if declined == "clarify" else "unsure", question=words[:LONGEST_EXPLANATION])
    spoken = instruct.spoken(reply)
    blocks = [(tag.lower(), text.strip("\n")) for tag, text in BLOCK.findall(spoken)]
    if not blocks:
        return Draft(code=instruct.sql(reply) if task.language == "sql" else spoken)
    at = next((i for i, (tag, _) in enumerate(blocks) if tag == prompts.NOUNS[task.language][0]), 0)
    explanation = " ".join(BLOCK.sub(" ", spoken).split())[:LONGEST_EXPLANATION]
    return Draft(_code(blocks[at][1], task), _sql(blocks, at, task), explanation)


def _code(text: str, task: Task) -> str:
    return text.strip().rstrip(";").rstrip() if task.language in ("sql", "dbt") else f"{text.rstrip()}\n"


def _sql(blocks: list[tuple[str, str]], at: int, task: Task) -> str | None:
    """The same in SQL, where a program may have that."""
    if task.language not in ("pyspark", "python"):
        return None
    found = (text for i, (tag, text) in enumerate(blocks) if i != at and tag == "sql")
    return next((text.strip().rstrip(";") for text in found), None)


def _messages(task: Task, context: Context, attempts: tuple[Attempt, ...]) -> Iterator[BaseMessage]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    example = context.catalog.tables[0].full_name if context.catalog.tables else "source.table"
    parts = [prompts.rules(task, example), instruct.described(context.catalog)]
    if context.features:
        parts.append("Features that there are:\n" + "\n".join(context.features))
    yield SystemMessage("\n\n".join(parts))
    for one in context.examples:
        yield HumanMessage(one.task)
        yield AIMessage(_fenced(one.code, task))
    yield HumanMessage(_asked(task, context))
    for attempt in attempts:
        yield AIMessage(_fenced(attempt.code, task))
        yield HumanMessage(prompts.correction(_wrong(attempt), attempt.stderr[-LONGEST_PRINT:]))


def _asked(task: Task, context: Context) -> str:
    parts = [*context.turns, task.text]
    if task.expects:
        parts.append(f"The result must have the columns: {', '.join(task.expects)}.")
    if context.hints:
        parts.append("What phrases of the task may mean:\n" + "\n".join(f"- {hint}" for hint in context.hints))
    if context.current:
        parts.append(f"This is the file as it is; reply with all of it, changed:\n{_fenced(context.current, task)}")
    return "\n\n".join(parts)


def _wrong(attempt: Attempt) -> str:
    """What was wrong with an attempt, in words."""
    failed = [f"{check.name}: {check.detail}" for check in attempt.checks if check.verdict == "failed"]
    error = attempt.error or {}
    said = f"{error.get('message', '')} {error.get('remedy', '')}".strip()
    return " ".join([*([said] if said else []), *failed])


def _fenced(code: str, task: Task) -> str:
    return f"```{prompts.NOUNS[task.language][0]}\n{code}\n```"
