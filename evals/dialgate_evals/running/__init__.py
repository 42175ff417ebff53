"""The engine: trials run side by side, within their limits."""
