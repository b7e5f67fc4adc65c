"""The models that lessons are read with: deployments beside the captioner, and the way to them."""
