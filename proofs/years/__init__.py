"""Years after the answers: what the letters promised is compared, day by day, with what the systems hold."""
