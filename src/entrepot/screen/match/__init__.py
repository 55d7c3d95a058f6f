"""Match: which entries of the lists a party may be; one engine a file."""
