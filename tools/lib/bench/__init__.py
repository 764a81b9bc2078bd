"""What tools/bench-import, tools/bench-search and tools/eval-collections share: a daemon to measure, the machine, the report."""
