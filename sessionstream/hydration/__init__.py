"""Stores: the contract, in memory, in SQLite."""
