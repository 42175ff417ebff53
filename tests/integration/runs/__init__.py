"""`run` as a command and under pytest: killed, resumed, in shards, on a cluster, from the cache."""
