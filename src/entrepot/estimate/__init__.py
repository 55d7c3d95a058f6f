"""Econometrics and optimisation on NumPy: what an expression cannot say."""
