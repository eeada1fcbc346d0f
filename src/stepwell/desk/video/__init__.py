"""Leading a session by video: its room, who helps, and attendance as presence proposes it."""
