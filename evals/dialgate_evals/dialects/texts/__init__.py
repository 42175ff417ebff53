"""What single words and texts mean: why an answer ended, answers of tools, calls nobody parsed."""
