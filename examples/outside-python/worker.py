"""Two functions that the graph beside it calls."""

import pawl_worker


@pawl_worker.function("words")
def words(input, task):
    """Counts words; the key is the same for every attempt, whoever makes it."""
    counts = {}
    for word in input["text"].lower().split():
        counts[word] = counts.get(word, 0) + 1
    return {"counts": counts, "key": task.idempotency_key}


@pawl_worker.function("top")
def top(input, task):
    counts = input["counts"]
    if not counts:
        raise pawl_worker.Failure("there are no words", code="NO_WORDS")
    return max(sorted(counts), key=counts.get)


if __name__ == "__main__":
    pawl_worker.main()
