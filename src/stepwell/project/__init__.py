"""What holds the house together: settings, the servers, the carried database, the live stream."""
