"""Live and recorded media in, plain frames out. The only folder that knows aiortc and av."""
