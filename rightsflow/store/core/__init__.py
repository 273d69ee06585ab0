"""The ground of every room of the store: the context of a change, the ledger, and the stages of its rows."""
