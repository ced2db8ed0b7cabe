"""The project's benchmark: rates and times as ratios to a bare echo in the same run, since machines are noisy.

``./run bench`` starts everything it measures as processes of their own and stops them. Nothing here asserts a time.
"""
