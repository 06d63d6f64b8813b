"""A chat's stream as the JSON that the server sends: the client library makes objects of each piece, which cost more
than all else that is done for a token, and hangs up after each answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
from openai._base_client import make_request_options
from openai._streaming import ServerSentEvent

PATH = "/chat/completions"
ASIDE = ("extra_headers", "extra_query", "extra_body", "timeout")
"""What a request says of itself; all else is sent."""


class Chunks(openai.Stream[object]):
    """The pieces as dictionaries. ValueError for one that is none."""

    def __iter__(self) -> Iterator[object]:
        for chunk in super().__iter__():
            if not isinstance(chunk, dict):
                raise ValueError("a piece of the reply is no object")
            yield chunk

    def _iter_events(self) -> Iterator[ServerSentEvent]:
        """All events. Only a reply that was read to its end leaves the connection for the next one."""
        events = super()._iter_events()
        for event in events:
            if event.data.startswith("[DONE]") and "chunked" in self.response.headers.get("transfer-encoding", ""):
                for _ in events:
                    pass
            yield event


class Completions:
    """The library's chat completions, but for streams."""

    def __init__(self, client: openai.OpenAI) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client.chat.completions, name)

    def create(self, **asked: Any) -> Any:
        """What the library's `create` does; with `stream` its pieces come as `Chunks`."""
        if not asked.get("stream"):
            return self._client.chat.completions.create(**asked)
        options = {name: asked.pop(name) for name in ASIDE if name in asked}
        about = make_request_options(**options, security={"bearer_auth": True})
        return self._client.post(PATH, cast_to=object, body=asked, options=about, stream=True, stream_cls=Chunks)
