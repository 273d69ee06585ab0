"""The canary proof: a made-up person goes through everything, and then nothing of them is found anywhere in clear."""
