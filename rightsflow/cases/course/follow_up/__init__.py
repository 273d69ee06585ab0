"""The follow-up of an erasure's answer: checks of the erased records, and the end of retentions."""
