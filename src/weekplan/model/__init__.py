"""The week as a linear model: `variables` names the decisions, `hard` the rules, `wishes` the prices."""
