"""The ledger of the whole store: seals, keys that sign, and the checks of both."""
