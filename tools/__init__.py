"""What the policy pays: every figure of the plan as verified code."""
