"""What must never happen: obeying planted orders, acting twice, made-up success."""
