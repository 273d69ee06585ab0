"""What happens after the answer to an erasure: looks at what was erased, and the end of retentions."""
