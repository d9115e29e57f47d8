"""concurrent.futures: a warm pool of two processes, driven by a ready queue. Workers are reused: no isolation."""

import os
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

import shapes


def main():
    graph = shapes.graph_of(os.environ["BENCH_SHAPE"])
    waiting = {name: len(parents) for name, parents in graph.items()}
    children = {}
    for name, parents in graph.items():
        for parent in parents:
            children.setdefault(parent, []).append(name)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(shapes.mark, name): name for name, count in waiting.items() if not count}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
                for child in children.get(running.pop(future), ()):
                    waiting[child] -= 1
                    if not waiting[child]:
                        running[pool.submit(shapes.mark, child)] = child


if __name__ == "__main__":
    main()
