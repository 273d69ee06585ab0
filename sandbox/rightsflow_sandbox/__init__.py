"""The sandbox call centre: a helpdesk, a payment provider and a telephone system with invented customers."""
