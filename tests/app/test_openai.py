"""OpenAI's own client and LangChain's, as they are, against a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr

from agents.endpoints import Endpoint, EndpointSpec, open_endpoint
from agents.endpoints.scripted import scripted
from app.api.openai import markdown, shape
from app.assembly import Lakewright
from tests.app.conftest import Script

COUNT = "SELECT count(*) AS shops FROM square.merchants"
CITIES = "SELECT city, count(*) AS shops FROM square.merchants GROUP BY city ORDER BY shops DESC, city LIMIT 3"
SCHEMA = {"type": "object", "properties": {"shops": {"type": "integer"}}, "required": ["shops"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "shops", "schema": SCHEMA, "strict": True}}


def client(api: str, lakewright: Lakewright, principal: str = "owner", *scopes: str) -> openai.OpenAI:
    secret, _ = lakewright.tokens.create(principal, 1, *([scopes] if scopes else []))
    return openai.OpenAI(base_url=f"{api}v1", api_key=secret, max_retries=0)


def told(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


@pytest.fixture
def plain(lakewright: Lakewright) -> list[Any]:
    """What an endpoint `plain`, which calls tools, will say."""
    replies: list[Any] = []
    lakewright.endpoints["plain"] = lambda: scripted(*replies, name="plain", tools=True)  # type: ignore[index]
    return replies


@pytest.fixture
def small(lakewright: Lakewright, tiny: Path, tmp_path: Path) -> Endpoint:
    """An embedded model of two layers, which reads conversations and writes inside grammars."""
    from agents.endpoints.cuda import TransformersEngine
    from agents.endpoints.embedded import EmbeddedChat

    chat = EmbeddedChat(TransformersEngine.load(tiny, None, "cpu"), tiny, 512)
    made = Endpoint("small", chat, 512, grammar=True, tools=False, device="cpu")
    lakewright.endpoints["small"] = lambda: made  # type: ignore[index]
    return made


def test_the_models_are_those_that_the_token_is_for(api: str, lakewright: Lakewright) -> None:
    names = [model.id for model in client(api, lakewright).models.list()]
    assert names == ["ask", "forms", "code", "embedded", "all-MiniLM-L6-v2"]
    asker = client(api, lakewright, "owner", "ask")
    assert [model.id for model in asker.models.list()] == ["ask"]
    assert asker.models.retrieve("ask").owned_by == "lakewright"
    with pytest.raises(openai.NotFoundError, match="'embedded'"):
        asker.models.retrieve("embedded")
    with pytest.raises(openai.PermissionDeniedError, match="not for 'models'"):
        asker.chat.completions.create(model="embedded", messages=told("hi"))


def test_a_question_is_answered_whole(api: str, lakewright: Lakewright, script: Script) -> None:
    script.replies = (CITIES,)
    answer = client(api, lakewright).chat.completions.create(model="ask", messages=told("Top cities by shops?"))
    (choice,) = answer.choices
    assert choice.finish_reason == "stop"
    assert "| city | shops |" in str(choice.message.content)
    assert "Sources: square.merchants (version" in str(choice.message.content)
    assert answer.lakewright["status"] == "answered"  # type: ignore[attr-defined]
    assert len(answer.lakewright["rows"]) == 3  # type: ignore[attr-defined]


def test_a_question_is_answered_as_it_comes(api: str, lakewright: Lakewright, script: Script) -> None:
    script.replies = (COUNT,)
    options: Any = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client(api, lakewright).chat.completions.create(model="ask", messages=told("Shops?"), **options))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert any("write" in (getattr(delta, "reasoning_content", None) or "") for delta in deltas)
    assert COUNT.split(" AS ")[0] in "".join(delta.content or "" for delta in deltas)
    assert [chunk.usage is None for chunk in chunks[-2:]] == [True, False]
    assert chunks[-2].choices[0].finish_reason == "stop"


def test_a_conversation_goes_on_in_its_thread(api: str, lakewright: Lakewright, script: Script) -> None:
    script.replies = (COUNT, COUNT)
    caller = client(api, lakewright)
    said = told("How many shops are there?")
    first = caller.chat.completions.create(model="ask", messages=said)
    said += [{"role": "assistant", "content": first.choices[0].message.content}, *told("and in Toronto?")]
    second = caller.chat.completions.create(model="ask", messages=said)
    assert "Toronto" in second.lakewright["sql"]  # type: ignore[attr-defined]
    # The same words of somebody else are a conversation of their own.
    other = client(api, lakewright, "support-ca").chat.completions.create(model="ask", messages=said)
    assert other.lakewright["answer_id"] != second.lakewright["answer_id"]  # type: ignore[attr-defined]
    assert other.lakewright["principal"] == "support-ca"  # type: ignore[attr-defined]


def test_an_answer_takes_the_shape_that_was_asked_for(api: str, lakewright: Lakewright, script: Script) -> None:
    class Shops(BaseModel):
        how_many: int

    script.replies = (COUNT,)
    parsed = client(api, lakewright).chat.completions.parse(
        model="ask", messages=told("How many shops are there?"), response_format=Shops
    )
    message = parsed.choices[0].message
    assert message.parsed is not None
    assert message.parsed.how_many == parsed.lakewright["rows"][0][0]  # type: ignore[attr-defined]


def test_an_answer_that_does_not_fit_is_refused(api: str, lakewright: Lakewright, script: Script) -> None:
    class Names(BaseModel):
        first: str
        last: str

    script.replies = (COUNT,)
    parsed = client(api, lakewright).chat.completions.parse(
        model="ask", messages=told("How many shops are there?"), response_format=Names
    )
    assert parsed.choices[0].message.parsed is None
    assert "does not meet the JSON Schema" in str(parsed.choices[0].message.refusal)


def test_a_form_is_filled_and_answered_in_a_conversation(api: str, lakewright: Lakewright) -> None:
    from agents.forms.hints import Hints
    from agents.forms.intake import add_file

    schema = {
        "title": "Visit", "type": "object", "required": ["city", "reason"],
        "properties": {"city": {"type": "string"}, "reason": {"type": "string"}},
    }  # fmt: skip
    add_file(lakewright.forms.registry, "visit", json.dumps(schema).encode(), Hints(), "owner")
    caller, name = client(api, lakewright), "the merchant 1"
    said = told("hello")
    first = caller.chat.completions.create(model="forms", messages=said).choices[0].message.content
    assert "`visit`" in str(first)
    said += [{"role": "assistant", "content": first}, *told(f"fill the visit form about {name}")]
    second = caller.chat.completions.create(model="forms", messages=said)
    assert second.lakewright["form"] == "visit"  # type: ignore[attr-defined]
    assert second.lakewright["status"] == "review"  # type: ignore[attr-defined]
    said += [{"role": "assistant", "content": second.choices[0].message.content}, *told("reason: a look")]
    third = caller.chat.completions.create(model="forms", messages=said)
    assert third.lakewright["values"]["reason"] == "a look"  # type: ignore[attr-defined]
    assert third.lakewright["filling_id"] == second.lakewright["filling_id"]  # type: ignore[attr-defined]


def test_an_endpoint_calls_the_clients_tools(api: str, lakewright: Lakewright, plain: list[Any]) -> None:
    call = {"name": "look", "args": {"at": "x"}, "id": "1", "type": "tool_call"}
    plain[:] = [AIMessage("", tool_calls=[call])]
    tools: Any = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
    caller = client(api, lakewright)
    whole = caller.chat.completions.create(model="plain", messages=told("look"), tools=tools)
    (made,) = whole.choices[0].message.tool_calls or []
    assert (whole.choices[0].finish_reason, made.function.name) == ("tool_calls", "look")  # type: ignore[union-attr]
    plain[:] = [AIMessage("", tool_calls=[call]), "It is there."]
    model = ChatOpenAI(base_url=f"{api}v1", api_key=SecretStr(caller.api_key), model="plain")
    bound = model.bind_tools(tools)
    assert bound.invoke("look").tool_calls[0]["args"] == {"at": "x"}  # type: ignore[attr-defined]


def test_an_embedded_model_reads_a_conversation_and_counts(api: str, lakewright: Lakewright, small: Endpoint) -> None:
    said = [*told("hi"), {"role": "assistant", "content": "yes"}, *told("again")]
    caller = client(api, lakewright)
    answer = caller.chat.completions.create(model="small", messages=said, max_tokens=5)
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 60
    assert answer.usage.completion_tokens <= 5
    stream: Any = {"stream": True, "stream_options": {"include_usage": True}, "max_tokens": 5}
    chunks = list(caller.chat.completions.create(model="small", messages=said, **stream))
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == answer.choices[0].message.content
    assert chunks[-1].usage == answer.usage


def test_an_embedded_model_keeps_to_a_schema(api: str, lakewright: Lakewright, small: Endpoint) -> None:
    schema = {
        "type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False,
    }  # fmt: skip
    form: Any = {"type": "json_schema", "json_schema": {"name": "ok", "schema": schema}}
    answer = client(api, lakewright).chat.completions.create(model="small", messages=told("hi"), response_format=form)
    assert isinstance(json.loads(str(answer.choices[0].message.content))["ok"], bool)


def test_a_stop_text_ends_an_answer(api: str, lakewright: Lakewright, plain: list[Any]) -> None:
    plain[:] = ["one two THE END three"]
    caller = client(api, lakewright)
    stream = caller.chat.completions.create(model="plain", messages=told("hi"), stop=["THE END"], stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices) == "one two "


def test_langchain_speaks_with_the_agent(api: str, lakewright: Lakewright, script: Script) -> None:
    secret = SecretStr(client(api, lakewright).api_key)
    model = ChatOpenAI(base_url=f"{api}v1", api_key=secret, model="ask")
    script.replies = (COUNT,)
    assert "merchants" in str(model.invoke("How many shops are there?").content)
    script.replies = (COUNT,)
    assert "merchants" in "".join(str(chunk.content) for chunk in model.stream("How many shops are there?"))
    script.replies = (COUNT,)
    found = model.with_structured_output(SCHEMA | {"title": "shops"}).invoke("How many shops are there?")
    assert set(found) == {"shops"}  # type: ignore[arg-type]


def test_embeddings_are_those_of_retrieval(api: str, lakewright: Lakewright) -> None:
    caller = client(api, lakewright)
    found = caller.embeddings.create(model="all-MiniLM-L6-v2", input=["a shop", "a merchant"])
    assert found.data[1].embedding == pytest.approx(lakewright.retriever.model.encode(["a merchant"])[0], abs=1e-5)
    assert found.usage.prompt_tokens == 8
    options: Any = {"model": "all-MiniLM-L6-v2", "check_embedding_ctx_length": False}
    through = OpenAIEmbeddings(base_url=f"{api}v1", api_key=SecretStr(caller.api_key), **options)
    assert through.embed_query("a shop") == pytest.approx(found.data[0].embedding, abs=1e-5)
    with pytest.raises(openai.BadRequestError, match="token numbers"):
        caller.embeddings.create(model="all-MiniLM-L6-v2", input=[1, 2])
    with pytest.raises(openai.BadRequestError, match="384"):
        caller.embeddings.create(model="all-MiniLM-L6-v2", input="x", dimensions=12)


def wrong() -> Iterator[Any]:
    yield pytest.param({"model": "gpt-9"}, openai.NotFoundError, "'gpt-9'", id="model")
    yield pytest.param({"messages": []}, openai.UnprocessableEntityError, "messages", id="nothing said")
    yield pytest.param({"messages": told("")}, openai.BadRequestError, "empty", id="empty question")
    yield pytest.param(
        {"tools": [{"type": "function", "function": {"name": "f"}}]}, openai.BadRequestError, "tools", id="tools"
    )
    yield pytest.param({"n": 3}, openai.UnprocessableEntityError, "n:", id="several")
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}]
    yield pytest.param({"messages": image}, openai.BadRequestError, "image_url", id="image")
    remote = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"$ref": "http://evil/x"}}}
    yield pytest.param({"response_format": remote}, openai.BadRequestError, "refers", id="foreign schema")
    odd = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nothing"}}}
    yield pytest.param({"response_format": odd}, openai.BadRequestError, "can't be used", id="no schema")


@pytest.mark.parametrize(("given", "error", "said"), list(wrong()))
@pytest.mark.parametrize("stream", [False, True])
def test_errors_are_openais(
    api: str, lakewright: Lakewright, given: Any, error: type[Exception], said: str, stream: bool
) -> None:
    asked = {"model": "ask", "messages": told("How many shops?"), "stream": stream, **given}
    with pytest.raises(error, match=said):
        client(api, lakewright).chat.completions.create(**asked)


def test_who_signs_in_with_nothing_is_told_so(api: str) -> None:
    with pytest.raises(openai.AuthenticationError) as refused:
        openai.OpenAI(base_url=f"{api}v1", api_key="lw_wrong", max_retries=0).models.list()
    assert refused.value.type == "authentication_error"


def test_a_failure_while_streaming_is_told(api: str, lakewright: Lakewright, plain: list[Any]) -> None:
    plain[:] = [RuntimeError("password hunter2")]
    with pytest.raises(openai.APIError, match="went wrong inside") as failed:
        list(client(api, lakewright).chat.completions.create(model="plain", messages=told("hi"), stream=True))
    assert "hunter2" not in str(failed.value)


@pytest.mark.parametrize("text", ["![x](http://evil/?q=1)", "<img src=x>", "a|b", "`rm`", "[a](b)", "a\nb"])
def test_what_comes_from_data_stays_text(text: str) -> None:
    shown = markdown.inert(text)
    assert "\n" not in shown
    assert not any(f"{mark}" in shown.replace(f"\\{mark}", "") for mark in "<[|`!")


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "integer"}, 7),
        ({"type": "array", "items": {"type": "integer"}}, [7]),
        ({"type": "object", "properties": {"total": {"type": "integer"}}, "required": ["total"]}, {"total": 7}),
        ({"type": "object", "properties": {"n": {"type": "integer"}, "sql": {"type": "string"}},
          "required": ["n", "sql"]}, {"n": 7, "sql": "S"}),
        ({"type": "object", "properties": {"items": {"type": "array", "items": {"type": "object"}}},
          "required": ["items"]}, {"items": [{"n": 7}]}),
        ({"type": "string"}, None),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_a_schema_asks(schema: Any, found: Any) -> None:
    document = {"columns": ["n"], "rows": [[7]], "sql": "S", "answer": "There are 7."}
    assert shape.answered(document, schema) == found


def test_the_agents_can_be_an_endpoint_of_another_lakewright(
    api: str, lakewright: Lakewright, plain: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain[:] = ["SELECT 1"]
    monkeypatch.setenv("PEER", client(api, lakewright).api_key)
    spec = EndpointSpec(name="peer", kind="openai", url=f"{api}v1", model="plain", key_env="PEER")
    assert open_endpoint(spec, tmp_path).chat.invoke("hi").content == "SELECT 1"
