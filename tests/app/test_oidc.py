"""Tokens of an identity provider that really runs: whose they are, and every way to forge one."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from pydantic import ValidationError

from app.api.server import build
from app.assembly import Lakewright
from app.oidc import FRESH, PAUSE, STALE, Keys, Oidc, Verifier, published
from app.scopes import FACES
from app.tokens import Unauthenticated
from data.errors import Unavailable
from tests.app.issuer import AUDIENCE, Issuer, issuing

STRANGE = rsa.generate_private_key(65537, 2048)


class Clock:
    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings(issuer: Issuer, **more: Any) -> Oidc:
    given = {"principals": {"ann": "support-ca", "root": "owner"}, **more}
    return Oidc(issuer=issuer.url, audience=AUDIENCE, jwks_url=f"{issuer.url}/keys", **given)


@pytest.fixture
def verifier(issuer: Issuer, clock: Clock) -> Verifier:
    return Verifier(settings(issuer), Keys(f"{issuer.url}/keys", published, clock))


def test_a_persons_token_stands_for_their_principal(issuer: Issuer, verifier: Verifier) -> None:
    assert verifier.verified(issuer.token()) == ("support-ca", frozenset(FACES))
    assert verifier.verified(issuer.token(aud=["other", AUDIENCE]))[0] == "support-ca"


def unsigned(issuer: Issuer) -> str:
    """The claims of a good token, with `alg` none."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "first"}).encode()).decode().rstrip("=")
    return f"{header}.{issuer.token().split('.')[1]}."


def confused(issuer: Issuer) -> str:
    """Signed with the public key as if it were a shared secret."""
    pem = issuer.keys["first"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
                  for part in ({"alg": "HS256", "kid": "first"}, claims))  # fmt: skip
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(f"{head}.{body}".encode(), pem)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


FORGED: dict[str, Callable[[Issuer], str]] = {
    "another audience": lambda issuer: issuer.token(aud="other"),
    "no audience": lambda issuer: issuer.token(aud=None),
    "another issuer": lambda issuer: issuer.token(iss="https://evil.example"),
    "no issuer": lambda issuer: issuer.token(iss=None),
    "expired": lambda issuer: issuer.token(exp=time.time() - 120),
    "never expires": lambda issuer: issuer.token(exp=None),
    "not yet": lambda issuer: issuer.token(nbf=time.time() + 300),
    "nobody": lambda issuer: issuer.token(sub="eve"),
    "no subject": lambda issuer: issuer.token(sub=None),
    "subject is a list": lambda issuer: issuer.token().split(".")[0] + ".e30.x",
    "strange key": lambda issuer: issuer.token(key=STRANGE),
    "unknown key": lambda issuer: issuer.token(kid="other", key=STRANGE),
    "another algorithm": lambda issuer: issuer.token(algorithm="PS256"),
    "changed": lambda issuer: issuer.token()[:-6] + "AAAAAA",
    "none": unsigned,
    "confused": confused,
    "empty": lambda issuer: "",
    "not a token": lambda issuer: "a.b.c",
    "long": lambda issuer: "x" * 100_000,
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_stands_for_nobody(issuer: Issuer, verifier: Verifier, name: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        verifier.verified(FORGED[name](issuer))
    assert str(refused.value) == "This token is not valid. Sign in again at the identity provider."


def test_keys_may_change(issuer: Issuer, verifier: Verifier, clock: Clock) -> None:
    old = issuer.token()
    assert verifier.verified(old)
    issuer.rotate("second")
    clock.time += PAUSE + 1
    assert verifier.verified(issuer.token())
    with pytest.raises(Unauthenticated):
        verifier.verified(old)


def test_unknown_keys_do_not_make_us_ask_again_and_again(issuer: Issuer, verifier: Verifier) -> None:
    verifier.verified(issuer.token())
    for number in range(20):
        with pytest.raises(Unauthenticated):
            verifier.verified(issuer.token(kid=f"made-up-{number}", key=STRANGE))
    assert issuer.reads == 1


def test_keys_are_kept_while_the_provider_is_away_but_not_for_ever(
    issuer: Issuer, verifier: Verifier, clock: Clock
) -> None:
    token = issuer.token(exp=time.time() + 10_000)
    verifier.verified(token)
    issuer.away = True
    clock.time += FRESH + 1
    assert verifier.verified(token)
    clock.time += STALE
    with pytest.raises(Unavailable):
        verifier.verified(token)


def test_elliptic_keys_and_scopes(issuer: Issuer, clock: Clock) -> None:
    issuer.rotate("curve", "ec")
    with_scopes = Verifier(settings(issuer, scope_claim="scope"))
    token = issuer.token(algorithm="ES256", scope="openid lakewright:sql lakewright:nothing", sub="root")
    assert with_scopes.verified(token) == ("owner", frozenset({"sql"}))
    assert with_scopes.verified(issuer.token(algorithm="ES256"))[1] == frozenset()


@pytest.mark.parametrize(("verified", "comes_in"), [(True, True), (False, False), ("true", False), (None, False)])
def test_a_mail_address_counts_only_when_it_was_verified(issuer: Issuer, verified: Any, comes_in: bool) -> None:
    by_mail = Verifier(settings(issuer, claim="email", principals={"ann@x.example": "support-ca"}))
    token = issuer.token(email="ann@x.example", email_verified=verified)
    if comes_in:
        assert by_mail.verified(token)[0] == "support-ca"
    else:
        with pytest.raises(Unauthenticated):
            by_mail.verified(token)


@pytest.mark.parametrize(
    "wrong", [{"algorithms": ["HS256"]}, {"algorithms": ["none"]}, {"jwks_url": "http://far.example/keys"}, {"x": 1}]
)
def test_what_would_be_unsafe_can_not_be_set(issuer: Issuer, wrong: dict[str, Any]) -> None:
    whole = {"issuer": issuer.url, "audience": AUDIENCE, "jwks_url": f"{issuer.url}/keys", **wrong}
    with pytest.raises(ValidationError):
        Oidc.model_validate(whole)


def test_over_the_api_both_kinds_of_token_are_taken(issuer: Issuer, lakewright: Lakewright) -> None:
    lakewright.__dict__["verifier"] = Verifier(settings(issuer))
    with TestClient(build(lakewright, chat=False)) as client:
        for secret in (issuer.token(), lakewright.tokens.create("support-ca", 1)[0]):
            found = client.get("/api/session", headers={"Authorization": f"Bearer {secret}"}).json()
            assert (found["principal"], found["administrator"]) == ("support-ca", False)
        refused = client.get("/api/session", headers={"Authorization": f"Bearer {issuer.token(sub='eve')}"})
        assert refused.status_code == 401
        # The provider says nothing of the administrator's scope: nobody has it from there.
        root = {"Authorization": f"Bearer {issuer.token(sub='root')}"}
        assert client.get("/api/audit", headers=root).status_code == 403
