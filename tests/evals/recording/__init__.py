"""What passed between an agent, its model and its tools."""
