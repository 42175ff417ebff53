"""The verdict as terminal text, Markdown, JUnit and annotations."""
