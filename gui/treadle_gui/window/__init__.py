"""The main window: tabs, docks, and the commands behind every menu, button and shortcut."""
