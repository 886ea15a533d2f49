"""A chat that streams, survives a restart, and shows what sessionstream is for."""
