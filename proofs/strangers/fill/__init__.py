"""Programs that fill the strange systems, each run by the interpreter of its system with ``GIVEN ANSWER``."""
