"""Who serves a project: the facade, the host process, its client and the wire between them."""
