"""What passed between an agent, its model and its tools: read from the wire, kept, given back."""
