"""Writes what a user fills in, and adds to what a user has written."""
