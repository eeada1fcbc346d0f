"""What is exchanged with payers as X12: questions about eligibility out (270), answers in (271), receipts (TA1, 999).

`x12` reads and writes the text and nothing else; `transports` carry it; `eligibility` fetches, calls one action and logs.
Whoever asks and what an answer means is the business of `clinic.coverage`.
"""
