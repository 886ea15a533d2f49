"""Observers that hand on what they are told to tools for operating a service."""
