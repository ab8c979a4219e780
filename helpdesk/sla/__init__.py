"""Service levels: policies and clocks. Pure: events, a policy and a `now` in, due times out."""
