"""After discharge: calls due, summaries to sign, where the person goes on."""
