"""What an agent's processes can reach: environment, files, other processes, network."""
