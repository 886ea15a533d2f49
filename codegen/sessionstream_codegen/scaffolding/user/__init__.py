"""A file of the user's: what it has and lacks, and how it grows."""
