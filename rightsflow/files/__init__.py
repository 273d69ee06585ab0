"""Files of this machine or of an ``fsspec`` location: working copies, imports, the journal of purges."""
