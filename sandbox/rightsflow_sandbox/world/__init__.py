"""The invented brand's world: its customers, and all that they wrote, said, bought and paid."""
