"""Generated from chat.proto; regenerate with `make gen`."""
