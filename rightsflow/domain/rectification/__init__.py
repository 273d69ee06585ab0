"""Rectification (Art. 16 GDPR): what is to be corrected, what was decided on it, and which records that concerns."""
