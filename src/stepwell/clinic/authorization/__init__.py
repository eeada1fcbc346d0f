"""Authorization: what the payer approved, how much of it is used and booked, and when it will run out.

Here days or hours are asked for, the payer's answers are recorded (each answer is a new row), and every
authorization is projected along the booked weeks to the very session that will exceed it. The utilization
reviewer works the list by that day. Care is never blocked by it: the people who must act are told in time.

Hands on: the cover that billing asks for, and the authorized level beside the clinical one.
"""
