"""The tamper test: thousands of random changes to a store and to an evidence bundle, each of which has to be caught.

``python -m tests.tampering`` makes them and prints a table. Whoever changes the store is taken to have all rights at
the database, the triggers dropped, and to know how hashes are computed, but not to have the signing keys; whoever
changes a bundle may sign it with keys of their own. Not among the changes is what nobody can catch:

- Entries after the last seal can be cut off, or written anew from some entry on, by whoever may write to the database
  and computes the hashes. The next seal ends that.
- Whoever has the signing keys, or writes all seals anew with keys of their own, is caught only by what others have
  seen: the published seals and the published fingerprint. That is among the changes, with these given to the check.
- In the store, a proof can be deleted that a later one of the same chain stands for: what it proved is still proved, by
  the later seal; only that it was so already at the earlier one is not. Bundles that were made before still hold it.
"""
