"""Plan, erase and verify (Art. 17 GDPR); what is left to do by hand; the brakes."""
