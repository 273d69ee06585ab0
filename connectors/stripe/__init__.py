"""The payment provider Stripe: customers and all that hangs on them.

What a restricted key needs: read and write on customers, charges, payment intents, setup intents, payment methods,
subscriptions, invoices, credit notes, quotes, refunds, disputes and checkout sessions; with ``redaction_jobs`` also
the privacy preview.
"""

from connectors.registry import ConnectorType
from connectors.stripe.connector import StripeConnector
from connectors.stripe.settings import StripeSettings

CONNECTOR = ConnectorType(settings=StripeSettings, build=StripeConnector)

__all__ = ["CONNECTOR", "StripeConnector", "StripeSettings"]
