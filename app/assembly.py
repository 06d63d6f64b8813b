"""The one place where the parts are wired together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app import home, quiet
from app.migrations import migrate
from app.settings import Live, Settings
from app.tokens import Tokens
from data.errors import Forbidden

if TYPE_CHECKING:
    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from agents.ask.graph import Ask
    from agents.ask.shadow import Shadows
    from agents.code.coder import Coder
    from agents.endpoints import Endpoint, EndpointSpec
    from agents.endpoints.router import Router
    from agents.forms.answered import Told
    from agents.forms.forms import Forms
    from agents.forms.passages import Passages
    from agents.predictors.predictor import Predictor
    from app.api.rates import Rates
    from app.api.seal import Seal
    from app.conversations import Conversations
    from app.oidc import Verifier
    from data.features.platform import Features
    from data.gateway import Gateway
    from data.policy import Principal
    from data.sandbox import Sandbox
    from data.streams.monitor import Monitor
    from data.usage import Usage
    from retrieval import Retriever
    from retrieval.documents import Library
    from retrieval.embedding import Vectors


class Lakewright:
    """A home that is open. Every part is made when it is first used, and then kept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._live = Live(settings)

    @classmethod
    def open(cls, settings: Settings) -> Lakewright:
        """Open the home; NotFound if it has not been made."""
        quiet.environment()
        home.require(settings.home)
        migrate(settings.home)
        return cls(settings)

    @cached_property
    def gateway(self) -> Gateway:
        from data.federation import open_gateway

        folder = self.settings.home
        return open_gateway(
            folder,
            catalog=folder / home.CATALOG,
            policy=folder / home.POLICY,
            engine=self.settings.engine,
            spark=self.settings.spark or None,
        )

    @cached_property
    def features(self) -> Features:
        from data.features.platform import Features

        return Features(self.settings.home, self.gateway, self.settings.online)

    @cached_property
    def predictor(self) -> Predictor:
        from agents.predictors.predictor import Predictor
        from agents.predictors.store import ModelStore

        return Predictor(self.features, self.gateway, ModelStore(self.settings.home))

    @cached_property
    def retriever(self) -> Retriever:
        from retrieval import Retriever

        return Retriever(self.gateway, self.settings.models_folder, self.settings.home / "index")

    @cached_property
    def library(self) -> Library:
        from retrieval.documents import Library

        return Library(self.gateway, self.settings.home, lambda: self.retriever.model)

    @cached_property
    def approved(self) -> ApprovedQueries:
        from agents.approved import ApprovedQueries

        return ApprovedQueries(self.settings.home / "approved.sqlite")

    @cached_property
    def answers(self) -> AnswerStore:
        from agents.answers import AnswerStore

        return AnswerStore(self.settings.home / "answers.sqlite")

    @cached_property
    def conversations(self) -> Conversations:
        from app.conversations import Conversations

        return Conversations(self.settings.home)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.settings.home / "tokens.sqlite")

    @cached_property
    def seal(self) -> Seal:
        """What seals the browsers' sessions."""
        from app.api.seal import Seal, own_secret

        secret = self.settings.secret.get_secret_value() or own_secret(self.settings.home)
        return Seal(secret, self.settings.session_hours * 3600)

    @cached_property
    def rates(self) -> Rates:
        """How much each principal has asked lately."""
        from app.api.rates import Rates

        return Rates(self.settings.requests_per_minute)

    @cached_property
    def verifier(self) -> Verifier | None:
        """What reads the tokens of an identity provider, where the settings name one."""
        if self.settings.oidc is None:
            return None
        from app.oidc import Verifier

        return Verifier(self.settings.oidc)

    @cached_property
    def endpoints(self) -> Mapping[str, Callable[[], Endpoint]]:
        """What opens each endpoint by name, the current one first. They follow the settings file."""
        from agents.endpoints import stamp
        from agents.endpoints.fleet import Fleet

        return Fleet(self._specs, self._opened, lambda spec: stamp(spec, self.settings.models_folder))

    @property
    def live(self) -> Settings:
        """The settings as their file has them now."""
        return self._live.settings

    @cached_property
    def usage(self) -> Usage:
        from data.usage import Usage

        return Usage(self.settings.home)

    @cached_property
    def router(self) -> Router:
        from agents.endpoints.meter import Meter
        from agents.endpoints.router import Router

        meter = Meter(self.usage, lambda principal: self.gateway.policy.budget(principal))
        return Router(self.endpoints, lambda: self.live.routes, meter)

    @cached_property
    def shadows(self) -> Shadows:
        from agents.ask.shadow import Shadows

        return Shadows(self.settings.home / "shadows.sqlite")

    @cached_property
    def ask(self) -> Ask:
        from agents.ask.graph import Ask
        from agents.outside import Outside

        checkpoints = self.settings.home / "threads.sqlite"
        parts = (self.gateway, self.retriever, self.router, self.approved, checkpoints, self.answers)
        options: dict[str, Any] = {"library": self.library, "outside": Outside(self.settings.mcp_servers)}
        if self.settings.threads != "sqlite":
            options["server"] = self.settings.threads
        return Ask(*parts, predictor=self.predictor, shadows=self.shadows, **options)

    @cached_property
    def forms(self) -> Forms:
        from agents.forms.forms import Forms

        def encode(texts: Sequence[str]) -> Vectors:
            import numpy as np

            known = self.retriever.model.encode_all_cached(texts)
            return np.stack(known) if known else self.retriever.model.encode(texts)

        def passages(principal: Principal) -> Passages | None:
            return self.library.search if self.library.holds(principal) else None

        return Forms(
            self.settings.home,
            self.gateway,
            encode,
            features=lambda: self.features,
            predictor=lambda: self.predictor,
            asks=self._asks,
            library=passages,
        )

    def _asks(self, principal: Principal, question: str) -> Told | None:
        """A form's question, as the agent that answers questions has it."""
        from agents.forms.answered import Told

        answer = self.ask.run(principal, question)
        return Told(answer.sql) if answer.status == "answered" and answer.sql else None

    @cached_property
    def coder(self) -> Coder:
        from agents.code.coder import Coder

        parts = (self.settings.home, self.gateway, self.retriever, self.router, lambda: self.sandbox, self.approved)
        return Coder(*parts, features=lambda: self.features)

    @cached_property
    def sandbox(self) -> Sandbox:
        from data.sandbox import Sandbox

        return Sandbox(self.gateway, self.settings.home / "sandbox", unwalled=self.settings.unwalled)

    @cached_property
    def streams(self) -> Monitor:
        from data.streams.monitor import Monitor

        return Monitor(self.settings.home, lambda: self.gateway.catalog)

    def principal(self, name: str) -> Principal:
        """The principal of that name; NotFound if the policy knows none."""
        return self.gateway.policy.principal(name)

    def administers(self, name: str) -> bool:
        """Whether this principal runs the home: tokens, approvals, sources and the audit trail are theirs."""
        return name == self.settings.principal

    def require_administrator(self, name: str, task: str) -> None:
        """Forbidden unless this principal runs the home."""
        if not self.administers(name):
            raise Forbidden(f"'{name}' may not {task}.", f"Only '{self.settings.principal}' may.")

    def note(self, principal: str, act: str, about: str) -> None:
        """Put an administrative act into the audit trail."""
        self.gateway.audit.write(kind="admin", principal=principal, asked=act, message=about)

    def prepare(self) -> Lakewright:
        """Wire everything that requests of several threads will share; a wrong file is found here."""
        parts = (
            self.gateway,
            self.retriever,
            self.approved,
            self.answers,
            self.conversations,
            self.tokens,
            self.ask,
            self.forms,
            self.coder,
            self.sandbox,
        )
        for part in (*parts, self.library, self.streams, self.features, self.predictor):
            assert part is not None
        return self

    def close(self) -> None:
        """Let go of what has been opened."""
        if "ask" in self.__dict__:
            self.ask.close()
        if "forms" in self.__dict__:
            self.forms.close()
        if "coder" in self.__dict__:
            self.coder.close()
        if "streams" in self.__dict__:
            self.streams.close()
        if "usage" in self.__dict__:
            self.usage.close()
        if "predictor" in self.__dict__:
            self.predictor.close()
        if "features" in self.__dict__:
            self.features.close()
        if "sandbox" in self.__dict__:
            self.sandbox.close()
        if "gateway" in self.__dict__:
            self.gateway.close()

    def _specs(self) -> Mapping[str, EndpointSpec]:
        """The endpoints as the settings have them now, the current one first."""
        settings = self.live
        specs = sorted(settings.specs(), key=lambda spec: spec.name != settings.endpoint)
        return {spec.name: spec for spec in specs}

    def _opened(self, spec: EndpointSpec) -> Endpoint:
        from agents.endpoints import open_endpoint
        from app import packaged

        if spec.kind == "embedded":
            packaged.provide(self.settings.models_folder, name=spec.model)
        return open_endpoint(spec, self.settings.models_folder)
