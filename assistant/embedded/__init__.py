"""The offline chat model: understanding by examples and grammar, phrasing from templates."""
