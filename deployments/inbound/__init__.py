"""What others send to us, on a listener of its own: orders and callbacks over OpenDSR, requests of agents over DRP."""
