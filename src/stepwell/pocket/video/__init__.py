"""Coming to a session by video: for patients and, while a consent permits it, for families."""
