"""Engine events in, coalesced Qt signals out: the only bridge between a running pipeline and the app."""
