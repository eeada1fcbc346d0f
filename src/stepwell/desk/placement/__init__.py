"""The Level of care tab: the recommendation with its reasons, the moves of the episode, the next move."""
