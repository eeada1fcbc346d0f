"""An inpatient hand-off (a FHIR R4 bundle), read without a database, a clock or a network.

`reading.read_handoff(raw)` turns the bytes of one file into a `Handoff`: who the person is, which
records the clinic takes up for a person to accept or reject, and a list of everything it does not
take. A file that cannot be trusted as a whole is refused with one sentence and the place in it.

It belongs to the rules of this step: `refused` and `parsing` (bytes to a checked tree), `tree`
(careful reading of FHIR shapes), `versions` (is this R4 at all), `bundle` (entries and references),
`person`, `sender`, `kinds`, `items`, `sensitivity` (42 CFR Part 2 labels), `reading` (all together), `data` (the dated
lists beside this step).
"""
