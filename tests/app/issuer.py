"""A small identity provider with keys that it can change: it publishes them, and signs what a test wants signed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "lakewright"


@dataclass
class Issuer:
    """`keys` are published under their ids; `reads` counts how often."""

    url: str = ""
    keys: dict[str, Any] = field(default_factory=dict)
    reads: int = 0
    away: bool = False

    def rotate(self, kid: str, kind: str = "rsa") -> None:
        """Publish one new key and no other."""
        made: Any = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
        self.keys = {kid: made}

    def published(self) -> dict[str, Any]:
        return {"keys": [{**_public(key), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]}

    def token(self, *, kid: str | None = None, key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        name = kid or next(iter(self.keys))
        said = {"iss": self.url, "aud": AUDIENCE, "sub": "ann", "exp": time.time() + 60, **claims}
        said = {claim: value for claim, value in said.items() if value is not None}
        return jwt.encode(said, key or self.keys.get(name), algorithm, headers={"kid": name})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer that runs as long as the block."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.reads += 1
            self.send_response(503 if issuer.away else 200)
            self.end_headers()
            self.wfile.write(json.dumps(issuer.published()).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    issuer.rotate("first")
    yield issuer
    server.shutdown()
    server.server_close()


def _public(key: Any) -> dict[str, Any]:
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    found: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return found
