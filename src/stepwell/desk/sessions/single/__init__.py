"""Sessions with one person or one family: what they need beside the room that all sessions share."""
