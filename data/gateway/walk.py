"""The walk over a query, from its tables outwards: a relation is made of relations until the outermost is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlglot import exp

from data.gateway.relations import NONE, Origins, Output, Relation, Scope, Unknown, combined, looked_up

ROUNDS = 4
"""How often a recursive query is walked: origins pass through it once a round."""


class Walk:
    """One walk over one query."""

    def __init__(self, tables: Mapping[int, Relation]) -> None:
        self._tables = tables

    def query(self, node: exp.Expr, outer: Scope) -> Relation:
        """The relation that a query makes."""
        scope = Scope(self._ctes(node, outer), outer=outer)
        if isinstance(node, exp.Subquery):
            return self._renamed(self.query(node.this, scope), node)
        if isinstance(node, exp.SetOperation):
            return combined(node, self.query(node.this, scope), self.query(node.expression, scope))
        if isinstance(node, exp.Select):
            return self._select(node, scope)
        if isinstance(node, exp.Values):
            return self._values(node, scope)
        raise Unknown(node.key)

    def _ctes(self, node: exp.Expr, outer: Scope) -> Mapping[str, Relation]:
        clause = node.args.get("with_")
        if clause is None:
            return outer.ctes
        ctes = dict(outer.ctes)
        for cte in clause.expressions:
            scope = Scope(ctes, outer=outer)
            name = cte.alias.lower()
            if clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                relation = self._recursive(cte, name, scope)
            else:
                relation = self._renamed(self.query(cte.this, scope), cte)
            ctes = {**ctes, name: relation}
        return ctes

    def _recursive(self, cte: exp.Expr, name: str, scope: Scope) -> Relation:
        relation = self._renamed(self.query(cte.this.this, scope), cte)
        for _ in range(ROUNDS):
            within = replace(scope, ctes={**scope.ctes, name: relation})
            grown = self._renamed(self.query(cte.this, within), cte)
            if grown == relation:
                return relation
            relation = grown
        everything = relation.all
        return replace(relation, outputs=tuple(replace(output, origins=everything) for output in relation.outputs))

    def _renamed(self, relation: Relation, node: exp.Expr) -> Relation:
        """With the column names of an alias such as `t(a, b)`."""
        alias = node.args.get("alias")
        names = [part.name for part in alias.args.get("columns") or ()] if isinstance(alias, exp.TableAlias) else []
        if len(names) > len(relation.outputs):
            return Relation(tuple(Output(name, relation.all) for name in names), relation.open, relation.rest)
        renamed = tuple(replace(output, name=name) for output, name in zip(relation.outputs, names, strict=False))
        return replace(relation, outputs=renamed + relation.outputs[len(names) :])

    def _select(self, node: exp.Select, scope: Scope) -> Relation:
        self._sources(node, scope)
        outputs: list[Output] = []
        for item in node.expressions:
            for output in self._projected(item, scope, node):
                outputs.append(output)
                if output.name:
                    scope.aliases.setdefault(output.name.lower(), output.origins)
        return Relation(tuple(outputs))

    def _sources(self, node: exp.Select, scope: Scope) -> None:
        clause = node.args.get("from_")
        if clause is not None:
            self._source(clause.this, scope)
        for lateral in node.args.get("laterals") or ():
            self._source(lateral, scope)
        for join in node.args.get("joins") or ():
            self._join(join, scope)

    def _join(self, join: exp.Join, scope: Scope) -> None:
        left = dict(scope.relations)
        self._source(join.this, scope)
        right = next(reversed(scope.relations))
        if str(join.args.get("kind") or "").upper() in ("SEMI", "ANTI"):
            scope.silent.add(right)
        names = [part.name.lower() for part in join.args.get("using") or ()]
        if str(join.args.get("method") or "").upper() == "NATURAL":
            here = {output.name.lower() for output in scope.relations[right].outputs}
            names = [o.name.lower() for relation in left.values() for o in relation.outputs if o.name.lower() in here]
        for name in names:
            both = [r.get(name) or NONE for r in (*left.values(), scope.relations[right])]
            scope.merged[name] = scope.merged.get(name, NONE).union(*both)
            scope.hidden.add((right, name))

    def _source(self, node: exp.Expr, scope: Scope) -> None:
        self._add(node.alias_or_name, self._relation(node, scope), scope)
        for join in node.args.get("joins") or ():
            self._join(join, scope)

    def _add(self, name: str, relation: Relation, scope: Scope) -> None:
        name = (name or f"~{len(scope.relations)}").lower()
        # Of two relations with one name a column may mean either.
        twin = scope.relations.pop(name, None)
        if twin is not None:
            outputs = (*twin.outputs, *relation.outputs)
            relation = Relation(outputs, twin.open or relation.open, twin.rest | relation.rest)
        scope.relations[name] = relation

    def _relation(self, node: exp.Expr, scope: Scope) -> Relation:
        if node.args.get("pivots"):
            raise Unknown("pivot")
        if isinstance(node, exp.Table):
            return self._renamed(self._named_table(node, scope), node)
        if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query):
            # A join in parentheses: its relations keep their own names.
            raise Unknown("parentheses")
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            return self._renamed(self.query(node.this, scope), node)
        if isinstance(node, exp.Query):
            return self.query(node, scope)
        return self._renamed(self._function(node, scope), node)

    def _named_table(self, node: exp.Table, scope: Scope) -> Relation:
        known = self._tables.get(id(node))
        if known is not None:
            return known
        if not isinstance(node.this, exp.Identifier):
            return self._function(node.this, scope)
        found = scope.ctes.get(node.name.lower())
        if found is None:
            raise Unknown(node.name)
        return found

    def _function(self, node: exp.Expr, scope: Scope) -> Relation:
        """What a function in FROM makes: columns that only the engine can name, of all that goes in."""
        parts = node.args.get("expressions") if isinstance(node, exp.Unnest) else [node]
        rest = NONE.union(*(self.origins(part, scope) for part in parts or ()))
        return Relation((), True, rest)

    def _values(self, node: exp.Values, scope: Scope) -> Relation:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
        columns = zip(*([self.origins(cell, scope) for cell in row] for row in rows), strict=False)
        outputs = (Output(f"col{index}", NONE.union(*cells)) for index, cells in enumerate(columns))
        return self._renamed(Relation(tuple(outputs)), node)

    def _projected(self, item: exp.Expr, scope: Scope, node: exp.Select) -> Iterator[Output]:
        star = item.this if isinstance(item, exp.Column) else item
        if isinstance(star, exp.Star):
            yield from self._starred(star, item.table.lower() if isinstance(item, exp.Column) else "", scope)
            return
        if _is_many(item):
            raise Unknown("columns")
        origins = self.origins(item, scope)
        if any(window.args.get("alias") for window in item.find_all(exp.Window)):
            origins = origins.union(*(self.origins(window, scope) for window in node.args.get("windows") or ()))
        yield Output(_name(item), origins)

    def _starred(self, star: exp.Star, qualifier: str, scope: Scope) -> Iterator[Output]:
        if star.args.get("ilike"):
            raise Unknown("star")
        left_out = {part.name.lower() for part in star.args.get("except_") or ()}
        replaced = {part.alias.lower(): self.origins(part.this, scope) for part in star.args.get("replace") or ()}
        renamed = {part.this.name.lower(): part.alias for part in star.args.get("rename") or ()}
        for name, output in self._offered(qualifier, scope):
            lower = output.name.lower()
            if lower in left_out:
                continue
            origins = replaced.get(lower, output.origins)
            if not qualifier and (name, lower) not in scope.hidden and lower not in replaced:
                origins = origins | scope.merged.get(lower, NONE)
            yield Output(renamed.get(lower, output.name), origins)

    def _offered(self, qualifier: str, scope: Scope) -> Iterator[tuple[str, Output]]:
        """What a star stands for."""
        if qualifier and qualifier not in scope.relations:
            raise Unknown(qualifier)
        for name, relation in scope.relations.items():
            if name in scope.silent or qualifier not in ("", name):
                continue
            if relation.open:
                raise Unknown(name)
            hidden = set() if qualifier else scope.hidden
            yield from ((name, o) for o in relation.outputs if (name, o.name.lower()) not in hidden)

    def origins(self, node: exp.Expr, scope: Scope) -> Origins:
        """The origins of an expression's value."""
        if isinstance(node, exp.Column):
            return self._column(node, scope)
        if isinstance(node, exp.Exists):
            return self._everything(node.this, scope)
        if isinstance(node, exp.Query):
            return self.query(node, scope).all
        local = _locals(node)
        if local:
            scope = Scope(scope.ctes, aliases=dict.fromkeys(local, NONE), outer=scope)
        return NONE.union(*(self.origins(child, scope) for child in node.iter_expressions()))

    def _everything(self, node: exp.Expr, scope: Scope) -> Origins:
        """All columns that a sub-query names, in conditions too: whether it has a row depends on these."""
        within = Scope(scope.ctes, outer=scope)
        for table in node.find_all(exp.Table):
            found = self._tables.get(id(table)) or scope.ctes.get(table.name.lower())
            if found is not None:
                self._add(table.alias_or_name, found, within)
        return NONE.union(*(self._somewhere(column, within) for column in node.find_all(exp.Column)))

    def _somewhere(self, column: exp.Column, scope: Scope) -> Origins:
        try:
            return self._column(column, scope)
        except Unknown:
            # Named by a derived table's alias: then by its own name, of whichever table here has it.
            relations = scope.relations.values()
            return NONE.union(*(relation.get(column.name.lower()) or NONE for relation in relations))

    def _column(self, node: exp.Column, scope: Scope) -> Origins:
        parts = [part.name.lower() for part in node.parts]
        level: Scope | None = scope
        while level is not None:
            found = looked_up(parts, level)
            if found is not None:
                return found
            level = level.outer
        raise Unknown(parts[0])


def _name(item: exp.Expr) -> str:
    """The name of an output column, where it stands in the query; an expression's is the engine's."""
    if isinstance(item, exp.Alias | exp.Column):
        return item.alias_or_name
    return item.alias if isinstance(item, exp.Subquery) else ""


def _locals(node: exp.Expr) -> list[str]:
    """The parameters of a lambda or a list comprehension."""
    if isinstance(node, exp.Lambda):
        return [part.name.lower() for part in node.expressions]
    if isinstance(node, exp.Comprehension):
        return [part.name.lower() for part in [node.expression] if part is not None]
    return []


def _is_many(item: exp.Expr) -> bool:
    """Whether an expression such as `COLUMNS(…)` or `struct.*` may become several columns."""
    found = (node for node in item.find_all(exp.Star, exp.Columns) if not isinstance(node.parent, exp.Count))
    return any(node.parent_select is item.parent_select for node in found)
