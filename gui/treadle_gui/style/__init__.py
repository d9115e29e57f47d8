"""How Treadle looks: tokens, the style sheet made from them, icons and small widgets. Knows nothing of pipelines."""
