"""HTML, one file per noun; each has a `router` that `frontend/web.py` lists."""
