"""From the tree of a query to the plan of its steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from agents import statement
from agents.code.render import kinds
from agents.code.render.naming import identifier, unique
from agents.code.render.outputs import Outputs
from agents.code.render.plan import (
    Below,
    Distinct,
    Extend,
    Filter,
    Frame,
    How,
    Join,
    Kind,
    Scan,
    Select,
    Step,
    Unsupported,
    column,
    inside,
)  # fmt: skip
from agents.code.render.scope import Scope, Side
from data.catalog import Catalog

_UNKNOWN = ("windows", "laterals", "pivots", "sample", "with_", "with", "connect", "match")


@dataclass
class Draft:
    """A frame while its steps are collected."""

    name: str
    source: Scan
    kinds: dict[str, Kind]
    steps: list[Step] = field(default_factory=list)
    scalars: list[Frame] = field(default_factory=list)

    def done(self) -> Frame:
        return Frame(self.name, self.source, tuple(self.steps), tuple(self.kinds.items()), tuple(self.scalars))


class Lowering:
    """Makes plans over the tables of a catalogue. All frames of one program have names of their own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._names: set[str] = set()

    def frame(self, tree: exp.Expr, names: tuple[str, ...] = ()) -> Frame:
        """The plan of a query; `names` are what its columns are to be called. Unsupported for what has none."""
        return self._select(tree, names).done()

    def _select(self, tree: exp.Expr, names: tuple[str, ...] = ()) -> Draft:
        if isinstance(tree, exp.Union):
            return self._union(tree, names)
        if not isinstance(tree, exp.Select) or not tree.args.get("from_"):
            raise Unsupported.of(tree)
        for part in _UNKNOWN:
            if tree.args.get(part):
                raise Unsupported.of(tree)
        inner = tree.args["from_"].this
        if isinstance(inner, exp.Subquery) and not (tree.args.get("joins") or inner.args.get("joins")):
            return self._over(tree, self._select(inner.this), names)
        return self._over_tables(tree, names)

    def _union(self, tree: exp.Union, names: tuple[str, ...]) -> Draft:
        """The rows of two queries, in the columns of the first."""
        if any(tree.args.get(part) for part in ("limit", "offset", "order", "by_name", "with_")):
            return self._ordered_union(tree, names)
        draft = self._select(_sided(tree.this), names)
        other = self._select(_sided(tree.expression), tuple(draft.kinds))
        if len(other.kinds) != len(draft.kinds):
            raise Unsupported.of(tree)
        draft.steps.append(Below(other.done()))
        draft.kinds = {name: _common(kind, other.kinds[name]) for name, kind in draft.kinds.items()}
        draft.steps += [Distinct()] if tree.args.get("distinct") else []
        return draft

    def _ordered_union(self, tree: exp.Union, names: tuple[str, ...]) -> Draft:
        """A union with an order or an end as a query over it."""
        bare = tree.copy()
        ends = {part: bare.args.get(part) for part in ("order", "limit", "offset")}
        for part in ends:
            bare.set(part, None)
        first: exp.Expr = bare
        while not isinstance(first, exp.Select):
            first = first.this
        outputs = [exp.column(item.alias_or_name) for item in first.selects]
        if bare.args.get("by_name") or not all(item.name for item in outputs):
            raise Unsupported.of(tree)
        over = exp.Select(expressions=outputs, from_=exp.From(this=exp.Subquery(this=bare)))
        for part, node in ends.items():
            over.set(part, node)
        return self._select(over, names)

    def _over(self, tree: exp.Select, draft: Draft, names: tuple[str, ...]) -> Draft:
        """A query over the columns of another one."""
        tree = tree.copy()
        by_name = {name.lower(): name for name in draft.kinds}
        for found in list(_columns(tree)):
            if found.name.lower() in by_name:
                found.replace(column(by_name[found.name.lower()]))
        self._filter(draft, _conjuncts(tree.args.get("where")))
        return Outputs(tree, draft.kinds, self._compared).added(draft, names)

    def _over_tables(self, tree: exp.Select, names: tuple[str, ...]) -> Draft:
        tree, inner = tree.copy(), self._inner(tree)
        scope = Scope.of(tree, self._catalog, {alias: draft.kinds for alias, draft in inner.items()})
        _starless(tree, scope)
        where = _conjuncts(tree.args.get("where"))
        tree.set("where", None)
        pushed = {id(test): alias for test in where if (alias := _pushable(test, scope)) is not None}
        late = [test for test in where if id(test) not in pushed]
        scope.name({scope.place(c) for part in (tree, *late) for c in _columns(part) if scope.knows(c)})
        early = {side.alias: [t for t in where if pushed.get(id(t)) == side.alias] for side in scope.sides}
        draft = self._base(scope, early, inner)
        for side in scope.sides[1:]:
            draft.steps.append(self._joined(draft, side, scope, early[side.alias], inner))
        self._filter(draft, [_flattened(test, scope) for test in late])
        flat = _flattened(tree, scope)
        assert isinstance(flat, exp.Select)
        return Outputs(flat, draft.kinds, self._compared).added(draft, names)

    def _inner(self, tree: exp.Select) -> dict[str, Draft]:
        """The sub-queries that are joined, by alias."""
        nodes = [node for node in statement.sources(tree) if isinstance(node, exp.Subquery)]
        return {node.alias_or_name.lower(): self._select(node.this) for node in nodes}

    def _begun(self, side: Side, inner: dict[str, Draft]) -> Draft:
        known = inner.get(side.alias)
        return known or Draft(self._called(side.called), side.scan, dict(side.scan.kinds))

    def _base(self, scope: Scope, early: dict[str, list[exp.Expr]], inner: dict[str, Draft]) -> Draft:
        side = scope.sides[0]
        draft = self._begun(side, inner)
        self._filter(draft, [_own(test, side) for test in early[side.alias]])
        if len(scope.sides) > 1:
            self._keep(draft, _selected(side, scope))
        return draft

    def _joined(self, left: Draft, side: Side, scope: Scope, early: list[exp.Expr], inner: dict[str, Draft]) -> Join:
        right = self._begun(side, inner)
        self._filter(right, [_own(test, side) for test in early])
        keys = {scope.flat[place]: side.columns[own] for own, place in side.on}
        self._keep(right, keys | _selected(side, scope))
        left.kinds |= right.kinds
        return Join(right.done(), tuple(keys), side.how)

    def _keep(self, draft: Draft, columns: dict[str, str]) -> None:
        draft.steps.append(Select(tuple((name, column(own)) for name, own in columns.items())))
        draft.kinds = {name: draft.kinds[own] for name, own in columns.items()}

    def _filter(self, draft: Draft, conditions: list[exp.Expr]) -> None:
        """Conditions as they come, with sub-queries as joins and as values that are computed before."""
        plain = []
        for test in conditions:
            if (found := _among(test)) is None:
                plain.append(self._compared(test, draft))
                continue
            key, query, how = found
            if how == "anti":
                plain.append(exp.Not(this=exp.Is(this=column(key.name), expression=exp.Null())))
            draft.steps += [Filter(tuple(plain))] if plain else []
            plain = []
            draft.steps.append(Join(self._renamed(query, key.name), (key.name,), how))
        draft.steps += [Filter(tuple(plain))] if plain else []

    def _renamed(self, query: exp.Expr, name: str) -> Frame:
        inner = self._select(query, (name,))
        if len(inner.kinds) != 1:
            raise Unsupported.of(query)
        return inner.done()

    def _compared(self, test: exp.Expr, draft: Draft) -> exp.Expr:
        """The condition with its sub-queries computed before, and with texts that are moments made such."""
        holder = exp.Paren(this=test.copy())
        for found in [node for node in holder.find_all(exp.In) if node.args.get("query")]:
            self._flagged(found, draft)
        test = inside(holder)
        for sub in _topmost(test):
            if isinstance(sub, exp.Exists):
                raise Unsupported.of(sub)
            value = self._scalar(sub.this)
            draft.scalars.append(value)
            sub.replace(exp.Var(this=value.name))
        return timed(test, draft.kinds)

    def _flagged(self, test: exp.In, draft: Draft) -> None:
        """`key IN (SELECT …)` among the conditions of some of the rows: a column says whether it holds."""
        if not isinstance(test.this, exp.Column):
            raise Unsupported.of(test)
        key, other = test.this.name, self._renamed(test.args["query"].this, test.this.name)
        flag = unique(f"in_{other.name}", draft.kinds)
        steps = (*other.steps, Distinct(), Extend(((flag, exp.Boolean(this=True)),)))
        there = replace(other, steps=steps, kinds=(*other.kinds, (flag, "bool")))
        draft.steps.append(Join(there, (key,), "left"))
        draft.kinds[flag] = "bool"
        missing = exp.Is(this=column(flag), expression=exp.Null())
        if isinstance(test.parent, exp.Not):
            present = exp.Not(this=exp.Is(this=column(key), expression=exp.Null()))
            test.parent.replace(exp.And(this=present, expression=missing))
        else:
            test.replace(exp.Not(this=missing))

    def _scalar(self, query: exp.Expr) -> Frame:
        inner = self._select(query)
        if len(inner.kinds) != 1:
            raise Unsupported.of(query)
        made = inner.done()
        name = unique(identifier(f"the_{next(iter(inner.kinds))}"), self._names)
        self._names.add(name)
        return Frame(name, made.source, made.steps, made.kinds, made.scalars)

    def _called(self, alias: str) -> str:
        name = unique(identifier(alias), {*self._names, "result", "spark", "lakehouse", "total", "window"})
        self._names.add(name)
        return name


def _sided(tree: exp.Expr) -> exp.Expr:
    """A side of a union, without parentheses around it."""
    while isinstance(tree, exp.Subquery) and not tree.alias:
        tree = tree.this
    return tree


def _common(one: Kind, other: Kind) -> Kind:
    """What two columns hold that stand below each other."""
    if one == other or other == "other":
        return one
    return next((kind for kind in ("float", "decimal", "time") if kind in (one, other)), one)


def timed(test: exp.Expr, known: dict[str, Kind]) -> exp.Expr:
    """The condition with the texts that moments are compared with cast to moments."""
    for pair in list(test.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)):
        kind = next(
            (k for side in (pair.this, pair.expression) if (k := kinds.of(side, known)) in ("time", "date")), ""
        )
        for side in list(pair.iter_expressions()) if kind else ():
            if isinstance(side, exp.Literal) and side.is_string:
                to = exp.DataType.build("DATE" if kind == "date" and len(side.name) == 10 else "TIMESTAMP")
                side.replace(exp.Cast(this=side.copy(), to=to))
    return test


def _topmost(test: exp.Expr) -> list[exp.Expr]:
    """The sub-queries of a condition that stand in no other."""
    nodes = test.walk(prune=lambda n: isinstance(n, (exp.Subquery, exp.Exists)))
    return [node for node in nodes if isinstance(node, (exp.Subquery, exp.Exists))]


def _conjuncts(where: exp.Expr | None) -> list[exp.Expr]:
    if where is None:
        return []
    tests = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    return [inner for test in tests for inner in (_conjuncts(test) if isinstance(test, exp.Paren) else [test])]


def _among(test: exp.Expr) -> tuple[exp.Column, exp.Expr, How] | None:
    """`key [NOT] IN (SELECT …)`: the key, the query, and how it is joined."""
    inside = test.this if isinstance(test, exp.Not) else test
    if not isinstance(inside, exp.In) or not inside.args.get("query"):
        return None
    if not isinstance(inside.this, exp.Column):
        raise Unsupported.of(test)
    return inside.this, inside.args["query"].this, "anti" if inside is not test else "semi"


def _columns(tree: exp.Expr) -> Iterator[exp.Column]:
    """The columns of a query or condition, without those of its sub-queries."""
    for node in tree.walk(prune=lambda n: isinstance(n, (exp.Subquery, exp.From, exp.Join))):
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            yield node


def _pushable(test: exp.Expr, scope: Scope) -> str | None:
    """The alias of the only table that a condition is about, where it may be asked before the joins."""
    places = [scope.place(found) for found in _columns(test)]
    aliases = {alias for alias, _ in places}
    if len(aliases) != 1:
        return None
    alias = aliases.pop()
    return alias if alias == scope.sides[0].alias or scope.side(alias).how == "inner" else None


def _own(test: exp.Expr, side: Side) -> exp.Expr:
    test = test.copy()
    for found in list(_columns(test)):
        if found is test:
            return column(side.columns[found.name.lower()])
        found.replace(column(side.columns[found.name.lower()]))
    return test


def _selected(side: Side, scope: Scope) -> dict[str, str]:
    """The columns of a side that go on, by their names from then on."""
    own = {own for own, _ in side.on} if side.how == "inner" else set()
    return {flat: side.columns[n] for (a, n), flat in scope.flat.items() if a == side.alias and n not in own}


def _flattened(tree: exp.Expr, scope: Scope) -> exp.Expr:
    holder = exp.Paren(this=tree)
    for found in list(_columns(tree)):
        if scope.knows(found):
            found.replace(column(scope.flat[scope.place(found)]))
    return inside(holder)


def _starless(tree: exp.Select, scope: Scope) -> None:
    """Put the columns that it stands for in the place of `*`."""
    items: list[exp.Expr] = []
    for item in tree.expressions:
        if not isinstance(item, exp.Star):
            items.append(item)
            continue
        for side in scope.sides:
            items += [exp.column(name, table=side.alias, quoted=True) for name in side.columns.values()]
    tree.set("expressions", items)
