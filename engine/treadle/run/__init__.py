"""How a run goes: plan, events, state (a fold), decide, and the thin loop around them."""
