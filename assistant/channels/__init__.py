"""Where people meet the assistant: page, command line."""
