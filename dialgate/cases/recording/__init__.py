"""`dialgate record`: what stands between an agent and what it talks to, and keeps what passed."""
