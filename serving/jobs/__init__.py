"""Work that outlives a request: recordings and the playing of the sample."""
