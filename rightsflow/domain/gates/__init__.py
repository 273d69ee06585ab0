"""Gates: points of decision by people, and the requirements of a decision (Art. 12 GDPR)."""
