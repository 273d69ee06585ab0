"""The payment provider: localstripe, changed to behave as Stripe's documents say."""
