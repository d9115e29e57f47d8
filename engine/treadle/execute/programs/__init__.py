"""Attempts of programs: scripts, shell commands and notebooks, begun and watched by a worker.

    the ports' inputs as files → the program, a child of the worker → the files it wrote, as artifacts

The worker runs under the engine's own interpreter, so a program's environment needs nothing of Treadle, and no Python.
"""
