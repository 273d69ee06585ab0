"""Questions over many cases: the board, the watch, the figures."""
