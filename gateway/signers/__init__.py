"""Private keys: where they are, and how they sign."""
