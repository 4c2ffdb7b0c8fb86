"""What the API says, typed: the judge of a record, naming the path of what is wrong."""
