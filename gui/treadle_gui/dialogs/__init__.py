"""Questions and forms that stand in front of the window. Each is opened, never executed: the loop goes on."""
