"""Recovery: the patient's own check-ins, relapse-prevention and safety plans, and homework.
"""
