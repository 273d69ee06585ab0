"""How it runs on several machines: image, compose and Kubernetes files, and what only a cluster is checked for."""
