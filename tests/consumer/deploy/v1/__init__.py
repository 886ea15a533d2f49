"""Generated from deploy.proto."""
