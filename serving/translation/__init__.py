"""Translation of captions: the deployment beside the captioner, and the way to it."""
