"""The staff's pages, in folders named like the steps. A view loads, asks leave, calls once, answers."""
