"""The words that every room says: rights, records and their outcomes, states, events, letters, kinds of file. Pure."""
