"""The proof that no answer says what the case file does not prove: ``python -m proofs.answers``.

Random cases are played in a real case store (``world``) and everything that is written of them is judged by a checker
that knows the case file as plain data (``dump``) and the texts, and nothing of the code that words them.
"""
