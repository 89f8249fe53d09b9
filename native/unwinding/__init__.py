"""Walking the stacks of dumps: from registers and memory to frames."""
