"""The ingest worker process: peers and the live captions of their lessons."""
