"""Every verb of the app without the app."""
