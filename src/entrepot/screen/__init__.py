"""Screen: shipments and parties against statistics, goods lists and public sanctions lists.

A verdict says what a desk should look at and why. It is no licence decision, accuses nobody and
replaces no counsel.
"""
