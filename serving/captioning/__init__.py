"""From a window of speech to the captioner in Ray Serve, and back."""
