"""The public's pages: what the program is, whether it may fit, and asking for help. No login, light, works without JavaScript."""
