"""What the clinic does: one folder per step, in the order of the journey.

Later steps import earlier ones, never the reverse. In a step: `actions` -> `policies`, `queries`
-> `models` -> `rules`. Shared by all steps: `refusal` (the two kinds of no) and `constraints`
(what the database refuses).
"""
