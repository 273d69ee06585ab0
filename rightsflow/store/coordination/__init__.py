"""Coordination between processes: leases, roles, slots, circuit breakers, brakes and the dispatch of alerts."""
