"""The parts of a run. Each module has NAME, TITLE, IN_QUICK, `missing()` (why it cannot be measured here, or None), `run(context)`
(its figures, for JSON), `floors(figures)`, `tables(figures)` and `plots(figures)` ({name: SVG})."""

from . import acute, apart, deidentification, growth, hot, line, memory, receiving, sizes, slow_disk, way, without

#: In the order in which they run: the quiet ones first, since some leave the disk busy.
ALL = [receiving, sizes, without, slow_disk, way, apart, memory, deidentification, hot, acute, line, growth]
