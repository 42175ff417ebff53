"""Files as they lie: strict JSON and TOML, schemas, problems with their places, safe writing."""
