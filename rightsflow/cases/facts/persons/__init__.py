"""Other cases of the same person, and a person's decision where the cases share too little to tell."""
