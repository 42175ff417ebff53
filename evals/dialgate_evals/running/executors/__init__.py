"""What runs trials: this machine, or others behind the same seam."""
