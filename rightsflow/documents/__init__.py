"""What leaves the house: letters and the access package."""
