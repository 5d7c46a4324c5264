"""From a message to facts: its numbers, dates, people and choices, and how a later message changes what is known."""
