"""Access tokens: who they stand for, until when."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.tokens import Tokens, Unauthenticated
from data.errors import NotFound


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "tokens.sqlite")


def test_a_token_stands_for_its_principal(tokens: Tokens) -> None:
    secrets = {name: tokens.create(name, 1)[0] for name in ("owner", "support-ca")}
    assert {name: tokens.find(secret).principal for name, secret in secrets.items()} == {name: name for name in secrets}
    assert len(set(secrets.values())) == 2
    assert all(len(secret) > 40 for secret in secrets.values())


@pytest.mark.parametrize("secret", ["", "lw_", "lw_wrong", "' OR 1=1 --", "\udcff", "lw_" + "x" * 100_000])
def test_other_secrets_stand_for_nobody(tokens: Tokens, secret: str) -> None:
    tokens.create("owner", 1)
    with pytest.raises(Unauthenticated):
        tokens.find(secret)


def test_an_expired_token_says_no_more_than_an_unknown_one(tokens: Tokens) -> None:
    secret, _ = tokens.create("owner", 0)
    with pytest.raises(Unauthenticated) as expired:
        tokens.find(secret)
    with pytest.raises(Unauthenticated) as unknown:
        tokens.find("lw_nothing")
    assert str(expired.value) == str(unknown.value)


def test_revoking_ends_one_token_and_keeps_its_record(tokens: Tokens) -> None:
    (first, one), (second, _) = tokens.create("owner", 1), tokens.create("owner", 1)
    tokens.revoke(one.id)
    with pytest.raises(Unauthenticated):
        tokens.find(first)
    assert tokens.find(second).principal == "owner"
    assert {token.id: token.revoked_at is not None for token in tokens.all()}[one.id]
    with pytest.raises(NotFound):
        tokens.revoke("nothing")
