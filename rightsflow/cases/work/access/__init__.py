"""Copy, mask and package what a person is given (Art. 15 GDPR)."""
