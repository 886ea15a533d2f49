"""The languages that can be generated for."""
