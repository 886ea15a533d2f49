"""Typed, durable, resumable event streaming for session-based apps."""
