"""What each kind of mail says, one file per noun. `frontend/emails.py` is the table of all of them."""
