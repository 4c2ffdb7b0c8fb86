"""The API's records, typed: judges one and names the path of what is wrong."""
