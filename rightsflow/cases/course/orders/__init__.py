"""Orders of controllers for which we are a processor: taken as cases on their behalf, and answered by a certificate."""
