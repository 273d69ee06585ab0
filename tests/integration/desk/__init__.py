"""The desk: its pages, who may see and do what on them, and what other pages cannot."""
