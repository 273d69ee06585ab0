"""The changes themselves: each kind once, on a line of its own, and nothing that changes nothing."""

import ast

import pytest

from proofs.mutation.__main__ import EQUIVALENT, all_mutants
from proofs.mutation.operators import enumerations, mutants

COLOURS = "class Colour(StrEnum):\n    RED = 'red'\n    BLUE = 'blue'\n"


def changes(body: str) -> set[str]:
    source = f"def f(a, b, nominal_on, notice_on):\n    {body}\n"
    found = list(mutants("m", source, enumerations([COLOURS])))
    assert all(mutant.module == "m" and mutant.where in {"", "f"} for mutant in found)
    return {ast.unparse(ast.parse(mutant.source).body[0].body) for mutant in found}


@pytest.mark.apart
def test_what_is_changed_and_what_is_left_alone():
    # What is changed.
    for body, some in (
        ("return a < b", {"return a <= b", "return a >= b", "return None"}),
        ("return a is b", {"return a is not b"}),
        ("return a in b", {"return a not in b"}),
        ("return a and b", {"return a or b", "return a", "return b"}),
        ("return not a", {"return a"}),
        ("return a + 7", {"return a - 7", "return a + 8", "return a + 6"}),
        ("return True", {"return False"}),
        ("return 'x'", {"return 'x~'"}),
        ("return g(x=a)", {"return g()"}),
        ("return {a: 1, b: 2}", {"return {b: 2}", "return {a: 1}"}),
        ("return g((a, b))", {"return g((a,))", "return g((b,))"}),
        ("return Colour.RED", {"return Colour.BLUE"}),
        ("return min(a)", {"return max(a)"}),
        ("return notice_on", {"return nominal_on"}),
        ("a += b", {"a -= b", "pass"}),
        ("raise a", {"pass"}),
        ("yield a", {"pass"}),
        ("while a: a()", {"while False:\n    a()"}),
        ("if a: b()", {"if True:\n    b()", "if False:\n    b()", "if a:\n    pass"}),
    ):
        assert some <= changes(body)
    assert changes("return a < b") == {"return a <= b", "return a >= b", "return None"}
    for body in ("'''Say something.'''", "x: int", "pass", "x: TypeAlias = Mapping[str, object]"):
        assert changes(body) == set()


@pytest.fixture(scope="module")
def everything():
    return all_mutants()


@pytest.mark.slow  # All mutants are made for it.
def test_no_mutant_is_another_one(everything):
    by_module = {}
    for mutant in everything:
        assert mutant.source not in by_module.setdefault(mutant.module, set())
        by_module[mutant.module].add(mutant.source)
    assert set(by_module) >= {"due", "periods", "receipt", "regimes", "working_days"}
    assert all(len(sources) > 5 for sources in by_module.values())


@pytest.mark.slow
def test_every_explained_mutant_is_one(everything):
    assert set(EQUIVALENT) <= {mutant.key for mutant in everything}
    assert all(reason.endswith(".") for reason in EQUIVALENT.values())
