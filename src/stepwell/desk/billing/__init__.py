"""The money: days ready to bill and why the others are not, accounts, statements. No clinical text is shown."""
