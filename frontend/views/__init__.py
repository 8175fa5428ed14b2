"""What each page shows, as frozen values: the routes fill them, the templates read them, nothing else does."""
