"""Fields: one editor for each kind of parameter. They show a value and tell an edited one; they know no document."""
