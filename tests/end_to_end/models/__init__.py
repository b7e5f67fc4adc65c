"""A package, so that pytest ends the Ray that its tests share after the last of them."""
