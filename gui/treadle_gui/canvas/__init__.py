"""The canvas: an open pipeline painted, and the gestures that edit it.

    Document ──changed(old, new)──► scene (items by id) ──► paint: near, middle, far
    mouse, keys ──► gestures (one class each) ──► Document.edit / select

Nothing here holds a pipeline of its own; an item shows a frozen face derived from the document and the run.
"""
