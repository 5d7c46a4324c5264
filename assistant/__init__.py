"""How people talk with the policy: one service, every channel."""
