"""Billing: a signed day becomes a charge by the payer's dated rule; payments and statements.
"""
