"""Consents of a patient: what is in force, a new one, taking one back, and the accounting of disclosures."""
