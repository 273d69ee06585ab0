"""Operation on several machines: image, compose and Kubernetes files, and checks for clusters only."""
