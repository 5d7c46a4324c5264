"""From results to words: the reply, composed of the phrases of data/phrases.yaml."""
