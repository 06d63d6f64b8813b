"""What a query makes of its rows: groups, windows, an order, and the columns that come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from agents.code.render import kinds
from agents.code.render.naming import called, unique
from agents.code.render.parts import (
    aggregate_of,
    aggregates_of,
    bare,
    function_of,
    lies_in,
    order_of,
    own_nodes,
    rows_of,
    whole,
)
from agents.code.render.plan import (
    Aggregate,
    Distinct,
    Extend,
    Filter,
    Group,
    Head,
    Kind,
    Select,
    Sort,
    Unsupported,
    Window,
    column,
    inside,
)  # fmt: skip

if TYPE_CHECKING:
    from agents.code.render.lower import Draft

Ordering = tuple[exp.Expr, exp.Ordered]
Compare = Callable[[exp.Expr, "Draft"], exp.Expr]


class Outputs:
    """The part of one SELECT that follows its rows. Aggregates, keys and windows are replaced by names as they become
    columns, so that what is left of each expression is computed of columns alone."""

    def __init__(self, tree: exp.Select, known: dict[str, Kind], compare: Compare) -> None:
        self._tree, self._compare = tree, compare
        self._aliases = {item.alias.lower(): item.this for item in tree.selects if isinstance(item, exp.Alias)}
        self._known = frozenset(known)
        self._taken = set(known)
        self._items = [self._meant(item) for item in tree.selects]
        self._keys: dict[str, str] = {}
        self._aggregates: dict[str, Aggregate] = {}
        self._windows: dict[str, Window] = {}
        self._before: dict[str, tuple[str, exp.Expr]] = {}
        self._outputs: dict[str, str] = {}

    def added(self, draft: Draft, names: tuple[str, ...]) -> Draft:
        """The draft with all steps of the query. Its columns are called `names` where there are as many."""
        self._items = [self._compare(item, draft) if item.find(exp.Subquery) else item for item in self._items]
        having, qualify = self._tests("having"), self._tests("qualify")
        orders = [
            self._ordered(item) for item in (self._tree.args.get("order") or exp.Order(expressions=[])).expressions
        ]
        if self._grouped((*self._items, *having, *qualify, *(node for node, _ in orders))):
            self._group(draft, having, qualify, orders)
            having = [self._over_groups(test) for test in having]
            self._items = [self._over_groups(item) for item in self._items]
            qualify = [self._over_groups(test) for test in qualify]
            orders = [(self._over_groups(node), order) for node, order in orders]
            if having:
                draft.steps.append(Filter(tuple(self._compare(test, draft) for test in having)))
        self._window(draft, qualify, orders)
        return self._finish(draft, orders, self._names(names))

    # -- groups -----------------------------------------------------------------------------------------------------

    def _grouped(self, nodes: tuple[exp.Expr, ...]) -> bool:
        return self._tree.args.get("group") is not None or any(aggregates_of(node) for node in nodes)

    def _group(self, draft: Draft, having: list[exp.Expr], qualify: list[exp.Expr], orders: list[Ordering]) -> None:
        computed: list[tuple[str, exp.Expr]] = []
        for key in self._group_keys():
            name = key.name if isinstance(key, exp.Column) else unique(self._alias(key) or called(key), self._taken)
            if not isinstance(key, exp.Column):
                computed.append((name, self._compare(key, draft)))
                draft.kinds[name] = kinds.of(key, draft.kinds)
            self._taken.add(name)
            self._keys[key.sql()] = name
        for node in (*self._items, *having, *qualify, *(item for item, _ in orders)):
            for found in aggregates_of(node):
                self._aggregate(found, draft)
        draft.steps += [Extend(tuple(computed))] if computed else []
        keys, made = tuple(dict.fromkeys(self._keys.values())), tuple(self._aggregates.values())
        draft.steps.append(Group(keys, made))
        draft.kinds = {name: draft.kinds[name] for name in keys} | {
            item.name: kinds.aggregated(item, draft.kinds) for item in made
        }

    def _group_keys(self) -> list[exp.Expr]:
        group = self._tree.args.get("group")
        if group is None:
            return []
        if any(group.args.get(part) for part in ("cube", "rollup", "grouping_sets", "totals")):
            raise Unsupported.of(group)
        if group.args.get("all"):
            return [bare(item) for item in self._items if not aggregates_of(item) and not item.find(exp.Window)]
        return [bare(self._numbered(node)) for node in group.expressions]

    def _aggregate(self, node: exp.Expr, draft: Draft) -> None:
        if node.sql() in self._aggregates:
            return
        condition = node.expression.this if isinstance(node, exp.Filter) else None
        inner = node.this if isinstance(node, exp.Filter) else node
        name = unique(self._alias(node) or called(node), {*self._taken, *(a.name for a in self._aggregates.values())})
        test = self._compare(condition, draft) if condition is not None else None
        made = aggregate_of(name, inner, test)
        argument = self._compare(made.argument, draft) if made.argument is not None else None
        self._aggregates[node.sql()] = replace(made, argument=argument)

    def _over_groups(self, node: exp.Expr) -> exp.Expr:
        """The expression over what the groups have: their keys and aggregates."""
        holder = exp.Paren(this=node.copy())
        found = [(n, self._named(n)) for n in own_nodes(holder) if self._named(n)]
        for old, name in found:
            if old.parent is not None and not any(old is not other and lies_in(old, other) for other, _ in found):
                old.replace(column(name))
        made = inside(holder)
        left = [n for n in own_nodes(holder) if isinstance(n, exp.Column) and n.name not in self._present()]
        if left:
            raise Unsupported.of(left[0])
        return made

    def _present(self) -> set[str]:
        return {*self._keys.values(), *(a.name for a in self._aggregates.values())}

    def _named(self, node: exp.Expr) -> str:
        text = node.sql()
        if isinstance(node.parent, exp.Window) and node.parent.this is node:
            return ""
        made = self._aggregates.get(text)
        return made.name if made else self._keys.get(text, "")

    # -- windows ----------------------------------------------------------------------------------------------------

    def _window(self, draft: Draft, qualify: list[exp.Expr], orders: list[Ordering]) -> None:
        self._taken = {*self._taken, *draft.kinds}
        for node in (*self._items, *qualify, *(item for item, _ in orders)):
            for found in node.find_all(exp.Window):
                self._windowed(found, draft)
        if self._before:
            draft.steps.append(Extend(tuple(self._before.values())))
            draft.kinds |= {name: kinds.of(node, draft.kinds) for name, node in self._before.values()}
        for window in self._windows.values():
            draft.steps.append(window)
            draft.kinds[window.name] = kinds.windowed(window, draft.kinds)
        if qualify:
            draft.steps.append(Filter(tuple(self._compare(self._after(test), draft) for test in qualify)))

    def _windowed(self, node: exp.Window, draft: Draft) -> None:
        if node.sql() in self._windows:
            return
        function, argument, offset = function_of(node.this)
        rows = rows_of(node)
        name = unique(self._alias(node) or called(node), self._taken)
        self._taken.add(name)
        order = tuple(
            order_of(self._column(item.this, draft), item)
            for item in (node.args.get("order") or exp.Order()).expressions
        )
        partition = tuple(self._column(part, draft) for part in node.args.get("partition_by") or ())
        given = self._column(argument, draft) if argument is not None else ""
        self._windows[node.sql()] = Window(name, function, given, partition, order, offset, rows)

    def _column(self, node: exp.Expr, draft: Draft) -> str:
        """The name of a column that has this value, which is computed before where there is none."""
        node = bare(node)
        if isinstance(node, exp.Column):
            return node.name
        if node.sql() not in self._before:
            name = unique(self._outputs.get(node.sql()) or called(node), self._taken)
            self._taken.add(name)
            self._before[node.sql()] = (name, node)
        return self._before[node.sql()][0]

    def _after(self, node: exp.Expr) -> exp.Expr:
        """The expression with its windows as the columns that they have become."""
        holder = exp.Paren(this=node.copy())
        for found in list(holder.find_all(exp.Window)):
            found.replace(column(self._windows[found.sql()].name))
        return inside(holder)

    # -- the end ----------------------------------------------------------------------------------------------------

    def _finish(self, draft: Draft, orders: list[Ordering], names: list[str]) -> Draft:
        items = [bare(self._after(item)) for item in self._items]
        made = Select(tuple(zip(names, items, strict=True)))
        self._outputs = {item.sql(): name for name, item in reversed(made.columns)}
        if self._tree.args.get("distinct"):
            self._choose(draft, made)
            draft.steps.append(Distinct())
            self._sort(draft, [(column(self._outputs.get(node.sql(), "")), order) for node, order in orders])
        else:
            self._sort(draft, [(self._after(node), order) for node, order in orders])
            sorted_ = {text: column(name) for text, (name, _) in self._before.items()}
            self._choose(draft, Select(tuple((name, sorted_.get(item.sql(), item)) for name, item in made.columns)))
        return draft

    def _choose(self, draft: Draft, made: Select) -> None:
        if not made.plain or [name for name, _ in made.columns] != list(draft.kinds):
            draft.steps.append(made)
        draft.kinds = {name: kinds.of(node, draft.kinds) for name, node in made.columns}

    def _sort(self, draft: Draft, orders: list[Ordering]) -> None:
        self._before = {}
        self._taken = {*self._taken, *draft.kinds}
        sorts = [(self._column(node, draft), item) for node, item in orders]
        if any(not name for name, _ in sorts):
            raise Unsupported.of(self._tree.args["order"])
        if self._before:
            draft.steps.append(Extend(tuple(self._before.values())))
            draft.kinds |= {name: kinds.of(node, draft.kinds) for name, node in self._before.values()}
        if sorts:
            draft.steps.append(Sort(tuple(order_of(name, item) for name, item in sorts)))
        limit, offset = self._tree.args.get("limit"), self._tree.args.get("offset")
        if limit is not None:
            draft.steps.append(Head(whole(limit), whole(offset) if offset is not None else 0))
        elif offset is not None:
            raise Unsupported.of(offset)

    def _names(self, names: tuple[str, ...]) -> list[str]:
        if len(names) == len(self._items) == len({name.lower() for name in names}):
            return list(names)
        found: list[str] = []
        for item in self._tree.selects:
            node = self._meant(item)
            window = self._windows.get(node.sql())
            found.append(unique(item.alias or (window.name if window else called(bare(node))), found))
        return found

    # -- what is written --------------------------------------------------------------------------------------------

    def _tests(self, part: str) -> list[exp.Expr]:
        clause = self._tree.args.get(part)
        if clause is None:
            return []
        tests = clause.this.flatten() if isinstance(clause.this, exp.And) else [clause.this]
        return [self._meant(test) for test in tests]

    def _ordered(self, item: exp.Ordered) -> tuple[exp.Expr, exp.Ordered]:
        alias = self._aliases.get(item.this.name.lower()) if isinstance(item.this, exp.Column) else None
        return bare(self._numbered(alias if alias is not None else item.this)), item

    def _numbered(self, node: exp.Expr) -> exp.Expr:
        """The output that a number stands for, or what is written itself."""
        if isinstance(node, exp.Literal) and node.is_int:
            place = int(node.name)
            if not 1 <= place <= len(self._items):
                raise Unsupported.of(node)
            return bare(self._items[place - 1])
        return self._meant(node)

    def _meant(self, node: exp.Expr) -> exp.Expr:
        """What is written, with aliases as what they stand for."""
        holder = exp.Paren(this=(node.this if isinstance(node, exp.Alias) else node).copy())
        for found in [node for node in own_nodes(holder) if isinstance(node, exp.Column)]:
            meant = self._aliases.get(found.name.lower())
            if meant is not None and found.name not in self._known:
                found.replace(meant.copy())
        return inside(holder)

    def _alias(self, node: exp.Expr) -> str:
        return next((alias for alias, meant in self._aliases.items() if bare(meant).sql() == node.sql()), "")
