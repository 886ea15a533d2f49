"""The experiments of page 6: each opens a runtime, troubles it, and looks at what is left."""
