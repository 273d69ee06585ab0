"""Documents for people outside the company: letters and the access package."""
