"""Compares generated files with those that are there."""
