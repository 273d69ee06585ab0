"""What is known of a case: people, systems, persons, the overview and the deadlines. The lowest floor of the cases."""
