"""Which other cases are of the same person, and who finds that out where they tell too little."""
