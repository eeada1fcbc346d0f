"""The week's board, the schedule in a chart, and the set-up of programs and groups."""
