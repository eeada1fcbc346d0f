"""The payer's approvals: what runs out first, what waits for an answer, what was never asked for."""
