"""What ``make bench`` measures: speed, memory and pages on synthetic registries, as ratios within one run."""
