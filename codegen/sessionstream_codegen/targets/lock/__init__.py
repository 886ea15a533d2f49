"""The lock file: what it holds, how it is written and read."""
