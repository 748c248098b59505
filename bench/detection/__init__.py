"""The benchmark of detectors against worlds whose truth is known; it shares no code with what it judges."""
