"""A deployment console, written as a user of sessionstream writes it."""
