"""From text to weighted terms, with numpy alone: tokens, vocabulary, TF-IDF."""
