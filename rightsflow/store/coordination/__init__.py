"""What processes agree on: leases, roles, slots, circuit breakers, brakes and who is notified."""
