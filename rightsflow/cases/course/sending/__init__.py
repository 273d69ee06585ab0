"""Letters on their way: mailed by us, or noted as sent by people."""
