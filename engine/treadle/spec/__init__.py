"""What a pipeline is: pure values and functions over them. No I/O, no clock, no Qt."""
