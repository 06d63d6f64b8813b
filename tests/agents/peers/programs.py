"""Programs that speak as the peers' side does, for tests without the peers."""

from __future__ import annotations

from pathlib import Path

MODEL = """
import json, sys, urllib.request
name, url, model, database, *_ = sys.argv[1:]
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    said = [{"role": "user", "content": json.loads(line)}]
    request = urllib.request.Request(url + "/chat/completions", json.dumps({"model": model, "messages": said}).encode())
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request) as answer:
        sql = json.load(answer)["choices"][0]["message"]["content"]
    print(json.dumps({"sql": [sql], "answer": "", "error": ""}), flush=True)
"""
"""A peer that runs what its model says."""

MOODS = """
import json, os, sys, time
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    if question == "slow":
        time.sleep(60)
    if question == "die":
        os._exit(3)
    print(json.dumps({"sql": [question], "answer": str(os.getpid()), "error": ""}), flush=True)
"""
"""A peer that takes too long, or dies, when it is asked to."""


def program(folder: Path, text: str) -> Path:
    path = folder / "side.py"
    path.write_text(text, encoding="utf-8")
    return path
