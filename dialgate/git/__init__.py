"""Reading a repository: base ref, base tree, submodules."""
