"""Given, when, then: the steps of a test in a session."""
