"""The retryable steps: each a Prefect task around the domain and a connector."""
