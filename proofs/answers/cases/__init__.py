"""The cases: drawn, played in a real case store by the tasks themselves, and everything that was written of them."""
