"""What the rogue does wrong: one function an attack, in the order in which docs/rogue.md lists them."""
