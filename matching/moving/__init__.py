"""Moving in and out: people, roles and sessions from another tool's file, and ours for the next."""
