"""The dates of a case: clock, extension, forecast and alerts."""
