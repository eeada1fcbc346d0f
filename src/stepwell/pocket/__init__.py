"""The pocket: an installable web app for patients and their families. Every page starts from who asks."""
