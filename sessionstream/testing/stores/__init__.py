"""The contract of stores, and the small application that it stores."""
