"""The desk: pages at which people work, signed in, in front of Prefect's own pages and under the same address."""
