"""The same work in other tools' words: N distinct cases, one scripted call each, checked."""
