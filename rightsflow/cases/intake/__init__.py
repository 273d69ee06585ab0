"""From a request, a ticket or a file to cases."""
