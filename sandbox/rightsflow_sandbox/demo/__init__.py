"""The demonstration: the main job from the form to the answer, on the sandbox call centre."""
