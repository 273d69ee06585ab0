"""Files of a call centre, made by a script: what of them is opened, masked and left, and what hostile ones do."""
