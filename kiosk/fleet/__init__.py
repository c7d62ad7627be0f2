"""The fleet's agent: what a terminal tells the broker of the control room, and the orders that it takes from there."""
