"""A quarter with twenty processors of different manners, on a virtual clock over the real case store and services."""
