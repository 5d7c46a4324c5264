"""How people talk with the policy: one service, every channel."""

import os

# What people ask stays on this machine: LangChain's tracing service is never used, whatever the environment says.
os.environ["LANGSMITH_TRACING"] = os.environ["LANGCHAIN_TRACING_V2"] = "false"
