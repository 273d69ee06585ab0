"""Mutation tests of the clock of the law: is there a rule that could be wrong without any test failing?

    python -m proofs.mutation

Every mutant is one small change of one module of ``rightsflow.domain.deadlines``, run against the clock's tests in a
copy of both.

Our own, because what decides a date here is data at the level of a module (laws, the days they are in force, holidays
not relied on) and small functions behind ``lru_cache``. mutmut 3.8 changes neither: it works inside functions, and
leaves those with decorators out. cosmic-ray 8.7 reaches both, but knows numbers and operators only (no statement or
argument left out, no member of an enumeration taken for another) and starts an interpreter for every mutant, where a
fork of one that has imported pytest needs a fifth of the time.
"""
