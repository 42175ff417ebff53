"""Evidence in blocks: one stake for every case, exact at any number of looks.

A block runs every case of a unit (the suite or a class) by an option fixed before it starts. What
it shows multiplies a running product that doesn't grow on average while the loss is at least the
margin. Steering chooses options and stakes by models; a wrong model costs calls, never the level.
"""
