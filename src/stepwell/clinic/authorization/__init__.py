"""Authorization: what the payer approved in days or hours, what is used and what is left.
"""
