"""One person across all steps: what the chart's head, its first page and the patients list are made of.

Nothing happens here and nothing is stored; it only reads, late in the order of the journey, so that a page on
which every step has a line costs a fixed, small number of queries however long the chart has become.
"""
