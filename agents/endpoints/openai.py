"""Any server that speaks the OpenAI chat protocol: vLLM, TGI, Ollama, llama.cpp, a hosted API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from agents.endpoints import Endpoint, EndpointSpec
from agents.endpoints.chunks import Completions
from data.errors import DataError, Invalid, Unavailable

# What a server that asks for no key is sent: the client library insists on one.
NO_KEY = "none"


class ServedChat(ChatOpenAI):
    """ChatOpenAI that takes a Lark grammar and whose failures are `Unavailable`, naming no secret."""

    _server: str = PrivateAttr(default="")
    _takes_grammar: bool = PrivateAttr(default=False)

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        empty = True
        with translated(self._server, self.model_name):
            for chunk in super()._stream(*args, **self._options(kwargs)):
                empty = False
                yield chunk
        if empty:
            raise _unusable(self._server, self.model_name)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with translated(self._server, self.model_name):
            return super()._generate(messages, stop, run_manager, **self._options(kwargs))

    def _options(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """`grammar` becomes vLLM's `structured_outputs` where the server is declared to take it."""
        options = dict(kwargs)
        grammar = options.pop("grammar", None)
        if grammar and self._takes_grammar:
            options["extra_body"] = {
                **(options.get("extra_body") or {}),
                "structured_outputs": {"grammar": grammar},
            }
        return options


def served(spec: EndpointSpec, seconds: float) -> tuple[list[str], str]:
    """The models that the server says it has; or why it can't be asked, in words without its key."""
    try:
        with openai.OpenAI(base_url=spec.url, api_key=_key(spec), timeout=seconds, max_retries=0) as client:
            return [model.id for model in client.models.list()], ""
    except openai.APIStatusError as error:
        return [], f"'{_address(spec)}' answers with status {error.status_code}"
    except openai.APIError as error:
        return [], f"'{_address(spec)}' does not answer ({type(error).__name__})"


def open_endpoint(spec: EndpointSpec, models: Path) -> Endpoint:
    """The endpoint of `spec`; nothing is sent yet. Invalid when the address or the key is wrong."""
    server = _address(spec)
    chat = ServedChat(
        base_url=spec.url,
        model=spec.adapter or spec.model,
        api_key=SecretStr(_key(spec)),
        temperature=spec.temperature,
        timeout=spec.timeout,
        max_retries=1,
        max_completion_tokens=spec.max_tokens,
        use_responses_api=False,
        stream_usage=True,
    )
    chat._server, chat._takes_grammar = server, spec.grammar
    chat.client = Completions(chat.root_client)
    model, prices = spec.adapter or spec.model, spec.prices
    able = (spec.context_size, spec.grammar, spec.tools, "server", spec.instruct)
    return Endpoint(spec.name, chat, *able, model=model, prices=prices)


@contextmanager
def translated(server: str, model: str) -> Iterator[None]:
    """Turn what the client library raises into `Unavailable` with the server's address."""
    try:
        yield
    except openai.OpenAIError as error:
        raise _unavailable(error, server, model) from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # What the client raises over a reply that is not of the protocol, such as a proxy's HTML page.
        raise _unusable(server, model) from error


def _unavailable(error: openai.OpenAIError, server: str, model: str) -> DataError:
    facts: dict[str, object] = {"url": server, "model": model}
    match error:
        case openai.APITimeoutError():
            return Unavailable(
                f"The model server {server} didn't answer in time.", "Try again or raise `timeout`.", **facts
            )
        case openai.APIConnectionError():
            return Unavailable(f"The model server {server} can't be reached.", "Start it or correct `url`.", **facts)
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return Unavailable(f"The model server {server} refused our key.", "Check `key_env` or `key_file`.", **facts)
        case openai.NotFoundError():
            return Unavailable(f"The model server {server} has no '{model}'.", "Check `url` and `model`.", **facts)
        case openai.RateLimitError():
            return Unavailable(f"The model server {server} takes no more requests now.", "Try again later.", **facts)
        case openai.APIStatusError():
            said = f"{error.status_code} {_brief(error)}".strip()
            return Unavailable(f"The model server {server} failed: {said}.", "Look at the server's log.", **facts)
    return _unusable(server, model)


def _unusable(server: str, model: str) -> DataError:
    message = f"The model server {server} gave no usable reply."
    return Unavailable(message, "Check that `url` is that of a chat API.", url=server, model=model)


def _brief(error: openai.APIStatusError) -> str:
    """The server's own words, cut short."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return str(said or error.message)[:200].rstrip(". ")


def _address(spec: EndpointSpec) -> str:
    """The server's address without user, password and query, which may be secrets."""
    try:
        parts = urlsplit(spec.url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise Invalid(f"The endpoint '{spec.name}' has a malformed url: {error}.", "Correct `url`.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise Invalid(
            f"The endpoint '{spec.name}' needs a url that begins with http:// or https://.",
            "Give the server's address, such as http://127.0.0.1:8000/v1.",
        )
    if not (spec.model or spec.adapter):
        raise Invalid(f"The endpoint '{spec.name}' names no model.", "Set `model` to a name that the server lists.")
    return urlunsplit((parts.scheme, f"{host}{port}", parts.path, "", ""))


def _key(spec: EndpointSpec) -> str:
    """The key by reference; Invalid names the variable or file that is missing, never a value."""
    if spec.key_file is not None:
        try:
            key = spec.key_file.expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(
                f"The key file '{spec.key_file}' of '{spec.name}' can't be read.", "Correct `key_file`."
            ) from error
        source = f"The file '{spec.key_file}'"
    elif spec.key_env:
        key, source = os.environ.get(spec.key_env, "").strip(), f"The environment variable '{spec.key_env}'"
    else:
        return NO_KEY
    if not key:
        raise Invalid(f"{source} holds no key for the endpoint '{spec.name}'.", "Set it or leave the reference out.")
    return key
