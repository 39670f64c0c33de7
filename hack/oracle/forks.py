"""Runs jobs in processes of their own, so that none costs the others and what takes too long can be ended."""
import os
import resource
import signal
import sys
import traceback


def _child(job, seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # a signal that nothing handles, also within C++
    silence = os.open(os.devnull, os.O_WRONLY)
    errors = os.dup(2)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        job()
        os._exit(0)
    except BaseException:
        os.write(errors, traceback.format_exc(limit=-3).encode())
        os._exit(1)


def run(jobs, seconds, at_once, ended):
    """Runs (name, function) pairs, each for that many seconds of a CPU; ended(name, why) is called for those that do not come to their end."""
    running, waiting = {}, list(reversed(jobs))
    while running or waiting:
        if waiting and len(running) < at_once:
            name, job = waiting.pop()
            sys.stdout.flush()
            process = os.fork()
            if process == 0:
                _child(job, seconds)
            running[process] = name
            continue
        process, status = os.wait()
        name = running.pop(process)
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            ended(name, f"not done within {seconds} s" if number == signal.SIGXCPU else f"ended by {signal.Signals(number).name}")
        elif status:
            ended(name, "failed")
