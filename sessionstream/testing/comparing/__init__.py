"""What was expected beside what was got."""
