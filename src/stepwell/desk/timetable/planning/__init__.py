"""Planning a week: which weeks have drafts, computing one, looking at a version, comparing, publishing."""
