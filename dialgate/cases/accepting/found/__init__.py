"""Cases that `fuzz` found, on the review page: accepted by a person, and only then the suite's."""
