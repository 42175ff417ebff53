"""Where each tool's files keep conversations, tools and assertions: one file a format."""
