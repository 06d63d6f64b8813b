"""A small program that speaks HTTP as vLLM does, without a model: it answers with a text that tells who answered.

FAKE_REPLY is the text; `{model}` in it becomes the model's name and `{path}` where its adapter was loaded from.
A GET of /die ends it, as a crash would, and one of /mute lets it answer nothing any more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

REPLY = os.environ.get("FAKE_REPLY", "SELECT '{model}' AS who")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    models: ClassVar[dict[str, str]] = {}
    mute = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/die":
            os._exit(3)
        if self.path == "/mute":
            self.mute.set()
        if self.mute.is_set():
            time.sleep(60)
        self._send(200, {"data": [{"id": name} for name in self.models]} if self.path == "/v1/models" else {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        match self.path:
            case "/v1/load_lora_adapter":
                known = body["lora_name"] in self.models
                if (known and not body.get("load_inplace")) or (os.environ.get("FAKE_OLD") and "load_inplace" in body):
                    return self._send(400, {"error": {"message": "It is loaded already."}})
                self.models[body["lora_name"]] = body["lora_path"]
                return self._send(200, {})
            case "/v1/unload_lora_adapter":
                self.models.pop(body["lora_name"], None)
                return self._send(200, {})
            case "/v1/chat/completions":
                return self._complete(body)
        return self._send(404, {})

    def _complete(self, body: dict[str, Any]) -> None:
        name = body["model"]
        if name not in self.models:
            return self._send(404, {"error": {"message": f"The model `{name}` does not exist."}})
        text = REPLY.format(model=name, path=self.models[name])
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        base = {"id": "1", "created": 1, "model": name}
        if not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            return self._send(200, {**base, "object": "chat.completion", "choices": [choice], "usage": usage})
        deltas: list[Any] = [{"role": "assistant", "content": word} for word in text.replace(" ", "\0 ").split("\0")]
        events = [{"choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
        events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]
        lines = [f"data: {json.dumps({**base, 'object': 'chat.completion.chunk', **e})}\n\n" for e in events]
        self._raw(200, "".join([*lines, "data: [DONE]\n\n"]).encode(), "text/event-stream")
        return None

    def _send(self, status: int, document: dict[str, Any]) -> None:
        self._raw(status, json.dumps(document).encode(), "application/json")

    def _raw(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Quick(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("serve")
    parser.add_argument("base")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--served-model-name")
    parser.add_argument("--enable-lora", action="store_true")
    parser.add_argument("--max-lora-rank", type=int)
    parser.add_argument("--uvicorn-log-level", choices=["warning"])
    parser.add_argument("--kv-cache-memory-bytes", type=int)
    given = parser.parse_args()
    assert os.environ.get("VLLM_ALLOW_RUNTIME_LORA_UPDATING") == "True"
    if os.environ.get("FAKE_BROKEN"):
        print("WARNING too few files may cause `OSError: [Errno 24]`\nValueError: no kernel image is available")
        raise SystemExit("RuntimeError: See root cause above.")
    # Its engine is a process of its own, as vLLM's is: it outlives a server that crashes.
    subprocess.Popen(["sleep", "600"])
    Handler.models = {given.served_model_name: given.base}
    Quick((given.host, given.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
