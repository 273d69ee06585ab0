"""What a person is given of a record, and what is masked (Art. 15(4) GDPR)."""
