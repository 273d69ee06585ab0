"""The changes: what each piece of a program may be replaced by so that it says something else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
ARITHMETIC: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.BitOr: ast.BitAnd,
}  # fmt: skip
TAKEN_FOR = {
    one: other
    for pair in (
        ("min", "max"),
        ("on_or_after", "on_or_before"),
        ("start_on", "strict_start_on"),
        ("days", "strict_days"),
        ("nominal_on", "notice_on"),
        ("safe_on", "last_on"),
        ("base", "total"),
        ("_ONE_MONTH", "_THREE_MONTHS"),
        ("place", "WEEKENDS_ONLY"),
        ("earlier", "later"),
    )
    for one, other in (pair, pair[::-1])
}
"""Names that a tired reader takes for one another, where both are at hand."""
BUILTIN = frozenset({"min", "max"})

LEFT_OUT = (ast.Assign, ast.AugAssign, ast.Expr, ast.For, ast.While, ast.Raise, ast.Continue)
"""Statements without which a function may still run."""
NOT_RUN = frozenset({"annotation", "returns", "decorator_list", "bases", "ctx", "type_params"})
"""Parts of a program that its behaviour does not hang on, or that cannot be wrong without failing at once."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    module: str
    line: int
    where: str
    old: str
    new: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        return f"{self.module}.{self.where}".removesuffix("."), self.old, self.new

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line} {self.old}  →  {self.new}"


@dataclass(frozen=True)
class _Site:
    """A piece of the program, where it hangs, and what surrounds it."""

    node: ast.AST
    owner: ast.AST
    field: str
    index: int | None
    where: str
    names: frozenset[str]
    shown: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


def enumerations(sources: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    return {
        node.name: tuple(ast.unparse(one.targets[0]) for one in node.body if isinstance(one, ast.Assign))
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and [ast.unparse(base) for base in node.bases] in (["StrEnum"], ["Enum"])
    }


def mutants(module: str, source: str, enums: Mapping[str, tuple[str, ...]]) -> Iterator[Mutant]:
    """Yield every change of a module, each once."""
    tree = ast.parse(source)
    seen: set[str] = {ast.unparse(tree)}
    for site in list(_sites(tree)):
        for node in _replacements(site, enums):
            old = _shown(site.shown)
            site.put(node)
            mutated = ast.unparse(ast.fix_missing_locations(tree))
            new = _shown(node if site.shown is site.node else site.shown)
            site.put(site.node)
            if mutated not in seen:
                seen.add(mutated)
                yield Mutant(module, getattr(site.node, "lineno", 0), site.where, old, new, mutated)


def _shown(node: ast.AST) -> str:
    lines = ast.unparse(node).splitlines()
    return lines[0] + (" …" if len(lines) > 1 else "")


def _sites(tree: ast.Module) -> Iterator[_Site]:
    yield from _below(tree, "", _names(tree), ())


def _below(node: ast.AST, where: str, names: frozenset[str], above: tuple[ast.AST, ...]) -> Iterator[_Site]:
    above = (*above, node)
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if field in NOT_RUN or not isinstance(child, ast.AST) or _says_nothing(child):
                continue
            yield _Site(child, node, field, index, where, names, _frame(child, above))
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                yield from _below(child, f"{where}.{child.name}".removeprefix("."), _names(child), above)
            else:
                yield from _below(child, where, names, above)


def _names(node: ast.AST) -> frozenset[str]:
    found = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return frozenset(found | {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)})


def _frame(node: ast.AST, above: tuple[ast.AST, ...]) -> ast.AST:
    small = ast.Constant | ast.Name | ast.Attribute | ast.JoinedStr | ast.FormattedValue
    for outer in reversed(above):
        if not isinstance(node, small) or not isinstance(
            outer, ast.expr | ast.keyword | ast.Assign | ast.AnnAssign | ast.AugAssign
        ):
            break
        node = outer
    return node


def _says_nothing(node: ast.AST) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    alias = isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias"
    return docstring or alias or (isinstance(node, ast.Call) and ast.unparse(node.func) == "TypeVar")


def _replacements(site: _Site, enums: Mapping[str, tuple[str, ...]]) -> Iterator[ast.AST]:
    node = site.node
    if isinstance(node, ast.stmt):
        yield from _of_statement(site)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node)
    elif isinstance(node, ast.expr):
        yield from _of_expression(site, node, enums)
    if site.field == "test":
        yield from (ast.Constant(value) for value in (True, False) if not (value and isinstance(site.owner, ast.While)))


def _of_statement(site: _Site) -> Iterator[ast.AST]:
    node = site.node
    inside_class = isinstance(site.owner, ast.ClassDef | ast.Module)
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))
    elif not inside_class and isinstance(node, LEFT_OUT):
        yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        changed = deepcopy(node)
        if other := ARITHMETIC.get(type(node.op)):
            changed.op = other()
            yield changed


def _of_constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield from (ast.Constant(node.value + step) for step in (1, -1))
    elif isinstance(node.value, str):
        yield ast.Constant(node.value + "~")


def _of_expression(site: _Site, node: ast.expr, enums: Mapping[str, tuple[str, ...]]) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[operator]):
            yield from (_with(node, ops=[other()]) for other in COMPARISONS[type(operator)])
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                for other in COMPARISONS[type(operator)]:
                    yield _with(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])
        case ast.BoolOp():
            yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
            yield from _with_one_less(node, "values")
        case ast.UnaryOp():
            yield node.operand
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            yield _with(node, op=ARITHMETIC[type(node.op)]())
        case ast.Name(id=name, ctx=ast.Load()) if TAKEN_FOR.get(name) in site.names | BUILTIN:
            yield ast.Name(TAKEN_FOR[name], node.ctx)
        case ast.Attribute(value=ast.Name(id=name), attr=member) if member in enums.get(name, ()):
            members = enums[name]
            yield _with(node, attr=members[(members.index(member) + 1) % len(members)])
        case ast.Attribute(attr=name) if name in TAKEN_FOR:
            yield _with(node, attr=TAKEN_FOR[name])
        case ast.Call():
            yield from _with_one_less(node, "keywords")
        case ast.Tuple() | ast.List() | ast.Set() if not isinstance(site.owner, ast.Assign | ast.For | ast.Tuple):
            yield from _with_one_less(node, "elts")
        case ast.Dict():
            for index in range(len(node.keys)):
                kept = [each for each in range(len(node.keys)) if each != index]
                yield ast.Dict([node.keys[each] for each in kept], [node.values[each] for each in kept])


def _with(node: ast.expr, **changes: object) -> ast.expr:
    fields = dict(ast.iter_fields(node))
    return type(node)(**{**fields, **changes})


def _with_one_less(node: ast.expr, field: str) -> Iterator[ast.AST]:
    items = getattr(node, field)
    for index in range(len(items)):
        kept = [*items[:index], *items[index + 1 :]]
        yield kept[0] if isinstance(node, ast.BoolOp) and len(kept) == 1 else _with(node, **{field: kept})
