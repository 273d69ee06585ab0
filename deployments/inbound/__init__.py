"""A listener for requests from others: orders and callbacks over OpenDSR, requests of agents over DRP."""
