"""Curricula: what the sessions of a group are about, who has had which topic, and which one comes next.

Curricula are data files: Stepwell ships outlines of its own, a site adds and replaces them. The director gives a group
its curriculum; whoever leads it sees what each person still needs. The session's note is drafted from its topic, and the
patient keeps the hand-outs of the topics she attended.
"""
