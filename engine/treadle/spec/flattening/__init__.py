"""Flattening: a pipeline of pipelines becomes one plain pipeline, whose nodes bear the way to them as their ids.

    prep: {uses: prepare.treadle.yaml,          prep/clean: {in: {rows: load.table}}
           in: {data: load.table},       ──►    prep/split: {in: {data: prep/clean.table}, with: {share: 0.3}}
           with: {share: 0.3}}                  fit:        {in: {train: prep/split.train}}
    fit: {in: {train: prep.train}}

`$params.share` inside means the sub-pipeline's own parameter: what the node's `with:` says in the words of the
pipeline around it, else what feeds the node's input of that name, else the default. `after:` a pipeline waits for the
last of its nodes, `after:` of one holds for the first of them. What a node inside leaves open about how it is tried and
what it needs, the node that is the pipeline says, then the pipeline's own `defaults:`, and so on outwards. A pool's
size is the outermost's. Limits of a whole run (`timeout:`, `concurrency:`) count only where it is of that pipeline.
"""

from treadle.spec.flattening.flat import MOST_NODES, Flat, Given
from treadle.spec.flattening.opening import ComponentOf, flatten, members, opened

__all__ = ["MOST_NODES", "ComponentOf", "Flat", "Given", "flatten", "members", "opened"]
