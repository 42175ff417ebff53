"""The specification of dialgate as tests; tests/README.md says where a new one goes."""
