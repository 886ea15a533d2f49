"""How a Hub is reached from elsewhere."""
