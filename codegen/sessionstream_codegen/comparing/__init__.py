"""Compares two lock files: what a change of names breaks."""
