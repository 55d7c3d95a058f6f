"""Materials: files that harmonising needs and that are not trade. `ls` is the list of them."""
