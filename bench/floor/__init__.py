"""The bare floor: a Django with nothing in it but one small view for each thing that is compared.

Written as a tutorial would write it, on the same tables and the same server, so that a ratio says what
Stepwell's own rules, audit trail and pages cost.
"""
