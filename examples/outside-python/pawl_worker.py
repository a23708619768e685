"""A worker for Pawl in Python: executes steps that call a function by its name. Standard library only.

    import pawl_worker

    @pawl_worker.function("score")
    def score(input, task):
        return {"score": len(input["text"])}

    pawl_worker.main()
"""

import argparse
import json
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request

FUNCTIONS = {}

CLAIM_WAIT = "5s"
BEAT_WAIT = "10s"
FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0
LONGEST_BODY = 17 * 1024 * 1024  # what the door takes, unless it was told otherwise


def function(name):
    """Registers a function under the name by which workflows call it."""

    def register(run):
        FUNCTIONS[name] = run
        return run

    return register


class Flag:
    """Set by a signal: an event's lock would be taken twice by two signals in one moment."""

    def __init__(self):
        self.is_up = False

    def set(self):
        self.is_up = True

    def is_set(self):
        return self.is_up


class Failure(Exception):
    """A failure with a class of its own: `terminal` is not tried again, `retryable` (the default of any exception) is."""

    def __init__(self, message, failure_class="terminal", code=None, data=None):
        super().__init__(message)
        self.failure_class, self.code, self.data = failure_class, code, data


class Gone(Exception):
    """The attempt is not ours any more."""


class Refused(Exception):
    """The door says that the call is wrong: it would be wrong again."""


class Task:
    """One attempt: `attempt`, `idempotency_key`, `run_id`, `path`, and `cancelled`, an event to look at now and then."""

    def __init__(self, offer):
        self.token = offer["token"]
        self.run_id, self.path, self.attempt = offer["runId"], offer["path"], offer["attempt"]
        self.idempotency_key = offer["idempotencyKey"]
        self.cancelled = threading.Event()
        self.done = threading.Event()


class Door:
    """The calls of the protocol. A call that did not get through is made again: all of them may be."""

    def __init__(self, url, key=None):
        self.url, self.key = url.rstrip("/"), key

    def call(self, name, body, stopping=None):
        delay = FIRST_DELAY
        while True:
            try:
                return self._post(name, body)
            except urllib.error.HTTPError as error:
                problem = _problem(error)
                if error.code == 409:
                    raise Gone(problem) from None
                if error.code < 500:
                    raise Refused(f"{name} was refused: {problem}") from None
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                pass
            if stopping is not None and stopping.is_set():
                raise Gone("the door does not answer, and the worker is stopping")
            time.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)

    def _post(self, name, body):
        headers = {"content-type": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(
            f"{self.url}/api/v1/tasks/{name}", data=json.dumps(body).encode(), headers=headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read()
        return json.loads(text) if text else None


def _problem(error):
    try:
        problem = json.loads(error.read())
        return f"{problem['title']} ({problem['code']})"
    except (ValueError, KeyError, OSError):
        return str(error)


def _beat(door, task):
    """Says that the attempt is alive until it is done; the answer comes at once when it was cancelled."""
    while not task.done.is_set():
        try:
            answer = door.call("heartbeat", {"token": task.token, "wait": BEAT_WAIT}, task.done)
        except Gone:
            answer = {"isCancelled": True}
        if answer["isCancelled"]:
            task.cancelled.set()
            return


def _execute(door, offer):
    task = Task(offer)
    threading.Thread(target=_beat, args=(door, task), daemon=True).start()
    try:
        given = offer["input"].get("input")
        body = {"token": task.token, "output": FUNCTIONS[offer["target"]](given, task)}
        _check(body)
        end = "complete"
    except Exception as error:  # whatever the function throws is the failure of the attempt
        end, body = "fail", {"token": task.token, "failure": _failure(error)}
    task.done.set()
    if task.cancelled.is_set():
        return
    try:
        try:
            door.call(end, body)
        except Refused as error:  # of an output: then that is the failure
            door.call("fail", {"token": task.token, "failure": _failure(Failure(str(error)))})
    except Gone:
        pass  # it was cancelled or taken over meanwhile: what was done is not recorded


def _check(body):
    """What cannot be sent fails the attempt, and would again."""
    try:
        text = json.dumps(body, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Failure(f"the output is no JSON: {error}") from None
    if len(text) > LONGEST_BODY:
        raise Failure("the output is too long for the door")


def _failure(error):
    failure = {"message": str(error) or type(error).__name__, "name": type(error).__name__}
    if isinstance(error, Failure):
        failure["class"] = error.failure_class
        failure.update({key: value for key, value in {"code": error.code, "data": error.data}.items() if value is not None})
    return failure


def _claim_for_ever(door, worker, queues, stopping):
    wanted = {"worker": worker, "kinds": [f"function:{name}" for name in FUNCTIONS], "wait": CLAIM_WAIT}
    if queues:
        wanted["queues"] = queues
    while not stopping.is_set():
        try:
            offer = door.call("claim", wanted, stopping)
        except Gone:
            return
        if offer:
            _execute(door, offer)


def main():
    """Claims and executes until SIGTERM or Ctrl-C. What runs is finished first, and so is what a claim under way still brings."""
    parser = argparse.ArgumentParser(description="A worker for Pawl in Python.")
    parser.add_argument("--url", default="http://127.0.0.1:7070", help="the door: `pawl worker --http 7070`")
    parser.add_argument("--queue", action="append", default=[], help="only steps of this queue; may be repeated")
    parser.add_argument("--slots", type=int, default=1, help="attempts at the same time")
    parser.add_argument("--name", default=f"{socket.gethostname()}/{os.getpid()}", help="how people see this worker")
    options = parser.parse_args()
    stopping = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    door = Door(options.url, os.environ.get("PAWL_HTTP_KEY"))
    threads = [
        threading.Thread(target=_claim_for_ever, args=(door, options.name, options.queue, stopping))
        for _ in range(options.slots)
    ]
    for thread in threads:
        thread.start()
    print(f"{options.name} has {', '.join(FUNCTIONS)} for {options.url}", flush=True)
    for thread in threads:
        thread.join()
