"""Cases, suites, releases, the tool registry, the workspace, its lint."""
