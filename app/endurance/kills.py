"""Killing the server in the middle of chats, forms and jobs, and looking for what is lost.

    python -m app.endurance.kills [TIMES]

What the server has acknowledged has to be there after the next start: answers and their conversations, the fields of
forms, jobs. What it had not is asked again under the same thread or key, and has to come out as if nothing had
happened. At the end all of it has to be in a new home that a back-up gives, each answer with the very same rows."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.crowd import callers_home, server
from app.endurance.bench import endpoint_at
from app.endurance.chats import QUESTIONS, last, right
from app.endurance.restored import missed, restored
from app.endurance.scripted import scripted
from app.scopes import ALL
from app.settings import Settings, remember
from app.tokens import Tokens

THREAD = "lasting"
FORM = {
    "title": "Visit",
    "type": "object",
    "required": ["amount", "reason"],
    "properties": {"amount": {"type": "integer"}, "reason": {"type": "string"}, "notes": {"type": "string"}},
}
CHATS = 4
LAST = 50
"""Answers of a conversation that are looked for."""
LONGEST = 1.5
"""Seconds after which the server is killed, at most."""


@dataclass
class Ledger:
    """What the server has acknowledged, and what it did not hold to."""

    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    broken: int = 0
    faults: list[str] = field(default_factory=list)


def endure(times: int, say: Callable[[str], None], *, jobs: bool = True) -> dict[str, Any]:
    """Kill a server so many times; what was acknowledged, what was under way, and every fault."""
    with tempfile.TemporaryDirectory(prefix="lakewright-kills-") as folder, scripted(0.2) as url:
        place, ledger, choose = Path(folder) / "home", Ledger(), random.Random(7)
        tokens = callers_home(place, CHATS)
        remember(place, endpoint="scripted", endpoints=[endpoint_at(url)])
        tokens.append(Tokens(place / "tokens.sqlite").create("owner", 1, scopes=ALL)[0])
        for number in range(times + 1):
            with server(place) as (address, process):
                asyncio.run(_round(address, tokens, ledger, number, jobs=jobs))
                if number < times:
                    asyncio.run(_killed(address, tokens, ledger, number, process, choose.uniform(0.05, LONGEST)))
                    say(f"killed {number + 1} times; {ledger.broken} requests broken off, {len(ledger.faults)} faults")
                elif jobs:
                    asyncio.run(_cancelled(address, tokens[-1], ledger))
        _audited(place, ledger)
        say("looking for everything in a home that is restored from a back-up")
        _restored(place, Path(folder) / "new", ledger)
        kept = {"answers": len(ledger.answers), "fillings": len(ledger.fields), "jobs": len(ledger.jobs)}
        return {"kills": times, "kept": kept, "broken_off": ledger.broken, "faults": ledger.faults}


async def _round(address: str, tokens: list[str], ledger: Ledger, number: int, *, jobs: bool) -> None:
    """Look for everything that was acknowledged, then go on with every thread, form and job."""
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        if number == 0:
            await _sent(client.put("/api/forms/visit", content=json.dumps(FORM), headers=_by(tokens[-1])))
            if jobs:
                body = {"kind": "learn", "subject": "shop"}
                job = await _sent(client.post("/api/jobs", json=body, headers=_by(tokens[-1])))
                ledger.jobs[job["job"]["id"]] = "queued"
        await _kept(client, tokens, ledger)
        for caller in range(CHATS):
            await _turn(client, tokens, ledger, caller, number)
        await _filled(client, tokens[0], ledger, number)


async def _killed(address: str, tokens: list[str], ledger: Ledger, number: int, process: int, seconds: float) -> None:
    """Chats and forms all at once, and the kill among them."""
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        work = [_turns(client, tokens, ledger, caller, number) for caller in range(CHATS)]
        tasks = [asyncio.create_task(each) for each in (*work, _filled(client, tokens[0], ledger, number + 1))]
        await asyncio.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for one in ended:
        if isinstance(one, httpx.HTTPError):
            ledger.broken += 1
        elif isinstance(one, BaseException):
            ledger.faults.append(f"round {number}: {type(one).__name__} {one}"[:200])


async def _turns(client: httpx.AsyncClient, tokens: list[str], ledger: Ledger, caller: int, number: int) -> None:
    while True:
        await _turn(client, tokens, ledger, caller, number)


async def _turn(client: httpx.AsyncClient, tokens: list[str], ledger: Ledger, caller: int, number: int) -> None:
    """A turn in the caller's one thread; its answer is noted when all of it is there."""
    question = QUESTIONS[(number + len(ledger.answers)) % len(QUESTIONS)]
    body = {"question": question, "thread": THREAD}
    response = await client.post("/api/ask", json=body, headers=_by(tokens[caller]))
    answer = last(response.text)
    if answer.get("rows") != right(caller)[question]:
        said = f"{answer.get('status')} {answer.get('rows')} {response.text[-200:]}"
        ledger.faults.append(f"round {number}, caller {caller}: '{question}' gave {said}")
        return
    ledger.answers[answer["answer_id"]] = (caller, answer["sql"])


async def _filled(client: httpx.AsyncClient, token: str, ledger: Ledger, number: int) -> None:
    """The round's filling, by its key; then a person's word in it."""
    key, headers = f"round-{number}", _by(token)
    body = {"about": f"shop.orders:{number}", "answers": {"reason": key}}
    filling = await _sent(client.post("/api/forms/visit/fill", json=body, headers={**headers, "Idempotency-Key": key}))
    name = filling["filling_id"]
    if filling["values"].get("reason") != key:
        ledger.faults.append(f"the filling of {key} has {filling['values']}")
    notes = {"answers": {"notes": f"notes of {key}"}}
    await _sent(client.patch(f"/api/forms/fillings/{name}", json=notes, headers=headers))
    ledger.fields[name] = f"notes of {key}"


async def _kept(client: httpx.AsyncClient, tokens: list[str], ledger: Ledger) -> None:
    """Note as a fault whatever was acknowledged and is not there any more."""
    for name, (caller, sql) in ledger.answers.items():
        found = await client.get(f"/api/answers/{name}", headers=_by(tokens[caller]))
        if found.status_code != 200 or found.json()["sql"] != sql:
            ledger.faults.append(f"the answer {name} is gone: {found.status_code}")
    for caller in range(CHATS):
        await _talked(client, tokens, ledger, caller)
    for name, notes in ledger.fields.items():
        found = await client.get(f"/api/forms/fillings/{name}", headers=_by(tokens[0]))
        if found.status_code != 200 or found.json()["values"].get("notes") != notes:
            ledger.faults.append(f"the filling {name} lost its fields: {found.text[:100]}")
    for name in ledger.jobs:
        job = await _sent(client.get(f"/api/jobs/{name}", headers=_by(tokens[-1])))
        ledger.jobs[name] = job["job"]["state"]


async def _talked(client: httpx.AsyncClient, tokens: list[str], ledger: Ledger, caller: int) -> None:
    """The caller's last answers stand in their one conversation."""
    given = [name for name, (whose, _) in ledger.answers.items() if whose == caller][-LAST:]
    listed = await _sent(client.get("/api/conversations", headers=_by(tokens[caller])))
    ids = [one["id"] for one in listed["conversations"] if one["thread"] == THREAD]
    if not given and not ids:
        return
    if len(ids) != 1:
        ledger.faults.append(f"caller {caller} has {len(ids)} conversations")
        return
    found = await _sent(client.get(f"/api/conversations/{ids[0]}", headers=_by(tokens[caller])))
    there = {turn["answer_id"] for turn in found["turns"]}
    ledger.faults += [f"the conversation of caller {caller} lost {name}" for name in given if name not in there]


async def _cancelled(address: str, token: str, ledger: Ledger) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        for name, state in ledger.jobs.items():
            if state in ("queued", "running", "interrupted"):
                await client.post(f"/api/jobs/{name}/cancel", headers=_by(token))


async def _sent(request: Any) -> dict[str, Any]:
    response = await request
    if response.status_code >= 300:
        raise RuntimeError(f"{response.request.url.path}: {response.status_code} {response.text[:200]}")
    document: dict[str, Any] = response.json()
    return document


def _by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _audited(place: Path, ledger: Ledger) -> None:
    """The audit trail is whole, and has every question that was answered."""
    from app.assembly import Lakewright

    opened = Lakewright.open(Settings.load(place))
    try:
        verdict = opened.gateway.audit.verify()
        if not verdict.ok:
            ledger.faults.append(f"the audit trail: {verdict.problem}")
    finally:
        opened.close()


def _restored(place: Path, new: Path, ledger: Ledger) -> None:
    answers = {name: (f"caller-{caller}", sql) for name, (caller, sql) in ledger.answers.items()}
    opened = restored(place, new)
    try:
        ledger.faults += missed(opened, answers, ledger.fields, list(ledger.jobs), "caller-0")
    finally:
        opened.close()


def main(words: list[str]) -> int:
    """Kill as often as the word says, by default 20 times; 1 where anything was lost."""
    found = endure(int(words[0]) if words else 20, lambda text: print(text, file=sys.stderr, flush=True))  # noqa: T201
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
