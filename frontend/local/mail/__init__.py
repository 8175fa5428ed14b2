"""The mail catcher of the embedded stack: takes every e-mail over SMTP, delivers none, shows all on a page."""
