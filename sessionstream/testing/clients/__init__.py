"""A server without a network, and the clients of it that a test scripts."""
