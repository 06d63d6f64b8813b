"""How a policy is written down: the sections of its YAML file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1)]
Names = Annotated[list[Name], Field(min_length=1)]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RoleDeclaration(_Declared):
    name: Name
    includes: list[Name] = []


class GroupDeclaration(_Declared):
    name: Name
    roles: list[Name] = []


class PrincipalDeclaration(_Declared):
    name: Name
    groups: list[Name] = []
    roles: list[Name] = []
    attributes: dict[Name, str | list[str]] = {}


class GrantDeclaration(_Declared):
    to: Name
    on: Name
    columns: Names | None = None


class WriteDeclaration(_Declared):
    to: Name
    on: Name


class DocumentGrantDeclaration(_Declared):
    to: Name
    on: Name


class DenialDeclaration(_Declared):
    for_: Name = Field(alias="for")
    tag: Name | None = None
    columns: Names | None = None


class RowFilterDeclaration(_Declared):
    for_: Name = Field(alias="for")
    on: Name | None = None
    tag: Name | None = None
    where: Name


class MaskDeclaration(_Declared):
    for_: Name = Field(alias="for")
    mask: Literal["partial", "hash", "null", "redact", "bucket"]
    size: int | float | str | None = None
    tag: Name | None = None
    columns: Names | None = None


class BudgetDeclaration(_Declared):
    for_: Name = Field(alias="for")
    rows: Annotated[int, Field(ge=1)] | None = None
    scan: int | str | None = None
    seconds: Annotated[float, Field(gt=0, le=86_400)] | None = None
    memory: int | str | None = None
    concurrency: Annotated[int, Field(ge=1)] | None = None
    requests: Annotated[int, Field(ge=1)] | None = None
    tokens: Annotated[int, Field(ge=1)] | None = None


class FunctionsDeclaration(_Declared):
    allow: list[Name] = []
    deny: list[Name] = []


class PolicyDeclaration(_Declared):
    version: int = Field(ge=1, le=1)
    principals: Annotated[list[PrincipalDeclaration], Field(min_length=1)]
    groups: list[GroupDeclaration] = []
    roles: list[RoleDeclaration] = []
    grants: list[GrantDeclaration] = []
    writes: list[WriteDeclaration] = []
    documents: list[DocumentGrantDeclaration] = []
    deny: list[DenialDeclaration] = []
    row_filters: list[RowFilterDeclaration] = []
    masks: list[MaskDeclaration] = []
    budgets: list[BudgetDeclaration] = []
    functions: FunctionsDeclaration = FunctionsDeclaration()
