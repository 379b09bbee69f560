"""From files to symbols and ids: corpus, units, vocabulary, tokenizer."""
