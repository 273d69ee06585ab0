"""Mutation tests of the clock of the law: is there a rule that could be wrong without any test failing?

    python -m proofs.mutation

Every mutant is one small change of one module of ``rightsflow.domain.deadlines``, run against the clock's tests in a
copy of both.

Our own, because what decides a date here is data at the level of a module (laws, the days they are in force, holidays
not relied on) and small functions behind ``lru_cache``, which mutmut and cosmic-ray miss or call uncaught
(decision 67).
"""
