"""Timers and background work: each job fetches, calls one action, and logs.

A job is a row that commits or rolls back with what caused it. A job may run twice (its worker may die
after the work and before the tick), so each one does nothing the second time.
"""
