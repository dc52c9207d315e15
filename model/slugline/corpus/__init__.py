"""From files to clean, labelled, grouped and split articles."""
