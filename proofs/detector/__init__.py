"""Proof that the detector finds data subjects' requests in texts that its rules' author did not write."""
