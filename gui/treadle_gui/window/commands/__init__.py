"""What the app can do: Command, and a module for each menu's. Where they stand in the menus is told in `menus.py`."""
