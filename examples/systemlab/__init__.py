"""A laboratory of sessionstream in the browser: the real runtime, taken apart page by page."""
