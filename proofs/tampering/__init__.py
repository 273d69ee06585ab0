"""The tamper test: thousands of random changes to a store and to an evidence bundle, each of which has to be caught.

``python -m proofs.tampering`` makes them and prints a table. Who changes the store is taken to have all rights at the
database, the triggers dropped, and to know how hashes are computed, but not to have the signing keys; who changes a
bundle may sign it with keys of their own. Not among the changes is what no one can catch:

- Entries after the last seal can be cut off, or written anew from some entry on, by anyone who may write to the
  database and computes the hashes. The next seal ends that.
- The newest seal can be cut off where nothing had grown before it, so that it has no proofs, and no one published it.
- Anyone who has the signing keys, or writes all seals anew with keys of their own, is caught only by what others have
  seen: the published seals and the published fingerprint. That is among the changes, with these given to the check.
- The note of up to which entry a chain is proved may lag behind where each later seal has proved the chain once more,
  as it does after a seal that was killed before it noted anything. It costs one more proof, and nothing else.
"""
