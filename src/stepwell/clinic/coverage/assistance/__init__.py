"""Help with the price: sliding fee by application, funds, employers' assistance programs, payment plans.

The rules propose; a person decides, with a reason. Here the household, its income and what was seen of it are
written down and the sliding fee is decided for a time; a site's funds are kept as ledgers and awarded; the visits
that an employer's program authorized are counted; a plan of payments is agreed, reminded of and reviewed.
Financing partners are information only.

Hands on: the determination that prices and charges ask for, awards and authorized visits for the estimate.
"""
