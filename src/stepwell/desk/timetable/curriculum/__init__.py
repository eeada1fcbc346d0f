"""Curricula at the desk: the files of a site, the topics of a group, and what a session has from its topic."""
