"""The app module: what installs every module of a run."""
