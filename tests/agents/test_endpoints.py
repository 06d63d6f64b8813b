"""Endpoints: their settings, and a server that speaks the OpenAI chat protocol over a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from agents.endpoints import EndpointSpec, open_endpoint
from agents.endpoints.scripted import ScriptedChat, ScriptExhausted
from data.errors import Invalid, Unavailable

WORDS = ["SELECT ", "count(*) ", "FROM tidal.plays"]
SECRET = "sk-very-secret"
MESSAGES = [SystemMessage("Write SQL."), HumanMessage("How many?")]


BROKEN = {"list": "[1]", "number": "5", "bare": '{"choices": [{}]}', "text": '{"choices": "x"}'}
"""Pieces of a reply that are none."""


class ChatServer(BaseHTTPRequestHandler):
    """Streams WORDS, or fails with the status that the model's name asks for."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, self.headers["Authorization"], body))  # type: ignore[attr-defined]
        self.server.callers.add(self.client_address)  # type: ignore[attr-defined]
        if body["model"].isdigit():
            said = {"error": {"message": f"bad key {SECRET}" if body["model"] == "401" else "it broke"}}
            self._reply(int(body["model"]), "application/json", json.dumps(said))
        elif body["model"] == "noise":
            self._reply(200, "application/json", "<html>")
        elif body["model"] in BROKEN and body.get("stream"):
            self._reply(200, "text/event-stream", f"data: {BROKEN[body['model']]}\n\ndata: [DONE]\n\n")
        elif body.get("stream"):
            chunks = [self._chunk(delta={"role": "assistant", "content": word}) for word in WORDS]
            lines = [f"data: {json.dumps(c)}\n\n" for c in (*chunks, self._chunk(delta={}, finish_reason="stop"))]
            if body["model"] == "pieces":
                self._piecemeal([*lines, "data: [DONE]\n\n"])
            else:
                self._reply(200, "text/event-stream", "".join(lines) + "data: [DONE]\n\n")
        else:
            whole = self._chunk(message={"role": "assistant", "content": "".join(WORDS)}, finish_reason="stop")
            self._reply(200, "application/json", json.dumps({**whole, "object": "chat.completion"}))

    def _chunk(self, **choice: object) -> dict[str, object]:
        choices = [{"index": 0, **choice}]
        return {"id": "c1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices}

    def _reply(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def _piecemeal(self, lines: list[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in (*lines, ""):
            self.wfile.write(f"{len(line):x}\r\n{line}\r\n".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), ChatServer)
    server.seen, server.callers = [], set()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(server, tmp_path):
    def make(**settings):
        url = f"http://user:{SECRET}@127.0.0.1:{server.server_port}/v1"
        spec = EndpointSpec.parse({"name": "e", "kind": "openai", "model": "m", "url": url, **settings})
        return open_endpoint(spec, tmp_path)

    return make


def test_tokens_are_streamed(opened, server):
    endpoint = opened(max_tokens=99)
    assert [chunk.text for chunk in endpoint.chat.stream(MESSAGES) if chunk.text] == WORDS
    path, _, body = server.seen[0]
    assert path == "/v1/chat/completions"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["temperature"], body["max_completion_tokens"]) == (0, 99)


def test_a_reply_that_is_read_to_its_end_leaves_the_connection_for_the_next(opened, server):
    endpoint = opened(model="pieces")
    for _ in range(3):
        assert [chunk.text for chunk in endpoint.chat.stream(MESSAGES) if chunk.text] == WORDS
    assert len(server.callers) == 1


@pytest.mark.parametrize("model", BROKEN)
def test_pieces_that_are_none_are_no_reply(opened, model):
    with pytest.raises(Unavailable, match="no usable reply"):
        list(opened(model=model).chat.stream(MESSAGES))


def test_without_streaming_too(opened):
    assert opened().chat.invoke(MESSAGES).text == "".join(WORDS)


@pytest.mark.parametrize(("declared", "sent"), [(True, {"grammar": "start: x"}), (False, None)])
def test_a_grammar_is_sent_where_the_server_takes_one(opened, server, declared, sent):
    endpoint = opened(grammar=declared)
    assert endpoint.grammar is declared
    list(endpoint.chat.stream(MESSAGES, grammar="start: x", max_tokens=7))
    body = server.seen[0][2]
    assert body.get("structured_outputs") == sent
    assert body["max_completion_tokens"] == 7
    assert "grammar" not in body


def test_an_adapter_is_the_served_models_name(opened, server):
    list(opened(adapter="ask").chat.stream(MESSAGES))
    assert server.seen[0][2]["model"] == "ask"


def test_the_key_comes_by_reference(opened, server, monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", "not-this-one")
    monkeypatch.setenv("MY_KEY", SECRET)
    (tmp_path / "key").write_text(f"{SECRET}\n")
    plain_url = f"http://127.0.0.1:{server.server_port}/v1"
    for reference in ({"key_env": "MY_KEY"}, {"key_file": tmp_path / "key"}, {}):
        list(opened(url=plain_url, **reference).chat.stream(MESSAGES))
    assert [key for _, key, _ in server.seen] == [f"Bearer {SECRET}"] * 2 + ["Bearer none"]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("401", "refused our key"),
        ("403", "refused our key"),
        ("404", "has no '404'"),
        ("400", "failed: 400 it broke"),
        ("429", "no more requests"),
        ("500", "failed: 500 it broke"),
        ("noise", "no usable reply"),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
def test_a_server_that_fails_is_unavailable(opened, model, words, streamed):
    endpoint = opened(model=model)
    endpoint.chat.max_retries = 0
    with pytest.raises(Unavailable) as caught:
        list(endpoint.chat.stream(MESSAGES)) if streamed else endpoint.chat.invoke(MESSAGES)
    assert words in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert SECRET not in f"{caught.value} {caught.value.facts}"


def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    spec = EndpointSpec(name="e", kind="openai", model="m", url=f"http://me:{SECRET}@127.0.0.1:9/v1")
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:9/v1 can't be reached") as caught:
        list(open_endpoint(spec, tmp_path).chat.stream(MESSAGES))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": ""}, "http://"),
        ({"url": "localhost:8000"}, "http://"),
        ({"url": "http://h:99999/v1"}, "malformed"),
        ({"model": ""}, "names no model"),
        ({"key_env": "SURELY_NOT_SET"}, "'SURELY_NOT_SET' holds no key"),
        ({"key_file": "/nowhere/key"}, "'/nowhere/key'"),
        ({"kind": "oracle"}, "kind: "),
        ({"api_key": "x"}, "api_key: "),
        ({"timeout": 0}, "timeout: "),
        ({"name": ""}, "name: "),
    ],
)
def test_wrong_settings_are_named(opened, settings, words):
    with pytest.raises(Invalid) as caught:
        opened(**settings)
    assert words in str(caught.value)


def test_a_missing_setting_shows_no_other(tmp_path):
    with pytest.raises(Invalid, match="kind: ") as caught:
        EndpointSpec.parse({"name": "e", "url": f"http://u:{SECRET}@h"})
    assert SECRET not in str(caught.value)


def test_a_script_is_followed_to_its_end():
    chat = ScriptedChat(["a b\n", ValueError("boom")])
    assert [chunk.text for chunk in chat.stream(MESSAGES, grammar="g") if chunk.text] == ["a", " b", "\n"]
    assert (chat.history, chat.options[0]["grammar"], chat.left) == ([MESSAGES], "g", 1)
    with pytest.raises(ValueError, match="boom"):
        chat.invoke(MESSAGES)
    with pytest.raises(ScriptExhausted, match="How many"):
        chat.invoke(MESSAGES)
