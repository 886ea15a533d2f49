"""Generated from proto/sessionstream/v1; regenerate with `make gen`."""
