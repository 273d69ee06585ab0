"""From a form or a file to cases."""
