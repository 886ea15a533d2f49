"""Reads the descriptors of a request: places, fields, options, and what is unsound in them."""
