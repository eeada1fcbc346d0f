"""The public's pages: what an intensive outpatient program is, whether it may be right, and asking for help."""
