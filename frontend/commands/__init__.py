"""What an operator types: one file per noun. `frontend/cli.py` is the table of all of them."""
