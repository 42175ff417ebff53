"""Words and figures that every report shares."""
