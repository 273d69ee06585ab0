"""The course of a case from intake to its end: gates, letters, sending, follow-up. Imports the work and the facts."""
