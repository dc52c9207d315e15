"""Training on a corpus larger than memory: read once, spooled to disk, fitted block by block, resumable."""
