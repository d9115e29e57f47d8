"""Built-in components: plain typed functions, read like anybody's and imported by nobody."""
