"""The real world behind the ports of time and chance."""
