"""The world to test against: traffic, faults on the line, partners that misbehave. None of it is for a real border."""
