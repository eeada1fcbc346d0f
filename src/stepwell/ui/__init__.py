"""How Stepwell looks: tokens, components, base layouts and the gallery page.

Every surface builds its pages from here; nothing here knows a patient.
"""
