"""Write the letters of a case from its account."""
