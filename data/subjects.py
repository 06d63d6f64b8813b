"""Who belongs to what: the groups and roles that each principal has, and by which way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from data.catalog import nearest
from data.document import Document
from data.markup import Loc
from data.policy import CALLER, Attribute, Principal
from data.policy_file import PolicyDeclaration

USER = "user:"
"""How a rule names one principal alone."""


def principals_of(document: Document, declared: PolicyDeclaration) -> dict[str, Principal]:
    """The principals by name, each with all groups and roles. Invalid for a name that is not there or stands
    twice, and for roles that include each other."""
    _check_names(document, declared)
    roles = {role.name: tuple(role.includes) for role in declared.roles}
    _refuse_circles(document, roles)
    _check_members(document, declared)
    steps = {**roles, **{group.name: tuple(group.roles) for group in declared.groups}}
    alone = {name for _, name in subjects_named(declared) if name.startswith(USER)}
    principals = {}
    for index, entry in enumerate(declared.principals):
        own = (f"{USER}{entry.name}",) if f"{USER}{entry.name}" in alone else ()
        ways = _ways((*entry.groups, *entry.roles, *own), steps)
        attributes = _attributes(document, index, entry.attributes)
        principals[entry.name] = Principal(entry.name, frozenset(ways), attributes, ways)
    return principals


def subjects_named(declared: PolicyDeclaration) -> Iterator[tuple[Loc, str]]:
    """Whom the rules name, with the place of each name."""
    for section in ("grants", "writes", "documents"):
        yield from (((section, i, "to"), rule.to) for i, rule in enumerate(getattr(declared, section)))
    for section in ("deny", "row_filters", "masks", "budgets"):
        yield from (((section, i, "for"), rule.for_) for i, rule in enumerate(getattr(declared, section)))


def check_subjects(document: Document, declared: PolicyDeclaration, principals: Mapping[str, Principal]) -> None:
    """Invalid for a rule that names nobody: a misspelt group would leave a filter or a mask out without a
    word."""
    known = {f"{USER}{name}" for name in principals} | {name for p in principals.values() for name in p.groups}
    known |= {group.name for group in declared.groups} | {role.name for role in declared.roles}
    for loc, name in subjects_named(declared):
        if name not in known:
            what = "there is no principal" if name.startswith(USER) else "nobody is in the group"
            hint = nearest(name, known) or "Put a principal into it first."
            raise document.invalid(loc, f"{what} '{name.removeprefix(USER)}'.", hint)


def _check_names(document: Document, declared: PolicyDeclaration) -> None:
    seen: set[str] = set()
    for section in ("groups", "roles"):
        for index, entry in enumerate(getattr(declared, section)):
            _check_name(document, (section, index, "name"), entry.name, seen)
    people: set[str] = set()
    for index, person in enumerate(declared.principals):
        if person.name in people:
            raise document.invalid(("principals", index, "name"), f"'{person.name}' is declared twice.", "Rename one.")
        people.add(person.name)


def _check_name(document: Document, loc: Loc, name: str, seen: set[str]) -> None:
    if name in seen:
        raise document.invalid(loc, f"'{name}' is declared twice.", "Groups and roles share their names; rename one.")
    if ":" in name:
        raise document.invalid(loc, f"'{name}' has a colon in it.", f"Choose another name: `{USER}` names a principal.")
    seen.add(name)


def _refuse_circles(document: Document, roles: Mapping[str, Sequence[str]]) -> None:
    for index, (name, included) in enumerate(roles.items()):
        for at, role in enumerate(included):
            loc = ("roles", index, "includes", at)
            if role not in roles:
                raise document.invalid(loc, f"there is no role '{role}'.", nearest(role, roles))
            if name in _ways((role,), roles):
                raise document.invalid(loc, f"'{name}' includes '{role}', which includes '{name}'.", "Remove one.")


def _check_members(document: Document, declared: PolicyDeclaration) -> None:
    roles = {role.name for role in declared.roles}
    groups = {group.name for group in declared.groups}
    for i, group in enumerate(declared.groups):
        _check_known(document, ("groups", i, "roles"), group.roles, "role", roles)
    for i, person in enumerate(declared.principals):
        _check_known(document, ("principals", i, "roles"), person.roles, "role", roles)
        for at, name in enumerate(person.groups):
            loc = ("principals", i, "groups", at)
            if name in roles:
                raise document.invalid(loc, f"'{name}' is a role.", "Name it under `roles`.")
            if ":" in name:
                raise document.invalid(loc, f"the group '{name}' has a colon in it.", "Choose another name.")
        if groups:
            _check_known(document, ("principals", i, "groups"), person.groups, "group", groups)


def _check_known(document: Document, loc: Loc, names: Sequence[str], what: str, known: set[str]) -> None:
    for at, name in enumerate(names):
        if name not in known:
            hint = nearest(name, known) or f"Declare it under `{what}s`."
            raise document.invalid((*loc, at), f"there is no {what} '{name}'.", hint)


def _ways(start: Sequence[str], steps: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Everything that can be reached, each by its shortest way."""
    ways: dict[str, tuple[str, ...]] = {name: (name,) for name in start}
    queue = list(ways)
    for name in queue:
        for step in steps.get(name, ()):
            if step not in ways:
                ways[step] = (*ways[name], step)
                queue.append(step)
    return ways


def _attributes(document: Document, index: int, declared: Mapping[str, str | list[str]]) -> dict[str, Attribute]:
    if CALLER in declared:
        loc = ("principals", index, "attributes", CALLER)
        raise document.invalid(loc, f"'{CALLER}' is always the principal's own name.", "Rename the attribute.")
    return {name: value if isinstance(value, str) else tuple(value) for name, value in declared.items()}
