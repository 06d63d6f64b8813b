"""Who a request comes from: a principal of the policy, and what the token that it came with may be used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.scopes import ADMIN, FACES
from app.tokens import PREFIX, Unauthenticated
from data.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from data.policy import Principal


@dataclass(frozen=True)
class Identity:
    """`scopes` are the faces that may be used in the principal's name; `administrator` is whether they run the home."""

    principal: Principal
    scopes: frozenset[str]
    administrator: bool = False

    @property
    def name(self) -> str:
        return self.principal.name

    def may(self, scope: str) -> bool:
        """Whether the face is open: the administrator's is open to nobody else, whatever a token says."""
        return scope in self.scopes and (scope != ADMIN or self.administrator)

    def require(self, scope: str, task: str = "do this") -> None:
        """Forbidden unless the face is open; `task` is what it is wanted for."""
        if scope == ADMIN and not self.administrator:
            raise Forbidden(f"'{self.name}' may not {task}.", "Only the administrator of this home may.")
        if scope not in self.scopes:
            remedy = f"Use a token with it: lakewright token create --for {self.name} --scope {scope}"
            raise Forbidden(f"This token is not for '{scope}'.", remedy)


def identify(lakewright: Lakewright, secret: str) -> Identity:
    """Whose secret this is; Unauthenticated if it is nobody's, or of somebody whom the policy dropped."""
    verifier = lakewright.verifier
    if secret.startswith(PREFIX) or verifier is None:
        token = lakewright.tokens.find(secret)
        name, scopes = token.principal, frozenset(token.scopes)
    else:
        name, scopes = verifier.verified(secret)
    return known(lakewright, name, scopes)


def known(lakewright: Lakewright, name: str, scopes: frozenset[str] = frozenset(FACES)) -> Identity:
    """The identity of a principal; Unauthenticated if the policy knows none of that name."""
    try:
        principal = lakewright.principal(name)
    except NotFound as error:
        raise Unauthenticated("This token is not valid.", "Ask the owner for a new one.") from error
    return Identity(principal, scopes, lakewright.administers(principal.name))
