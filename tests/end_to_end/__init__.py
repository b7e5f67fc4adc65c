"""A package, so that pytest ends what its tests share after the last of them."""
