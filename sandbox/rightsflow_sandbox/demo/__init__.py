"""The demonstration: the main job from the ticket to the answer, on the sandbox call centre."""
