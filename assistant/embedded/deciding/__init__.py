"""From facts and memory to the next step: which benefit or clause is meant, which tools to call, or what to say at once."""
