"""Today, the session room, notes to sign, and the notes in a chart."""
