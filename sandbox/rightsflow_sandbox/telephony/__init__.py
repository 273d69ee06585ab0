"""The telephone system: a database of call detail records, and recordings that can be played."""
