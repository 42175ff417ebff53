"""An evidence pack: what a suite can show, in a folder that holds together without the suite."""
