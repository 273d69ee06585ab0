"""What others send to us over OpenDSR 2.0: orders of controllers, and callbacks of processors; a process of its own."""
