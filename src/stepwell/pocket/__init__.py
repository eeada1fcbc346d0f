"""The patient's and the family's pages: neutral in every word, one thing at a time, help always in reach."""
