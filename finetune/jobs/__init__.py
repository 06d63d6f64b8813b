"""Long tasks that run without anybody waiting: a queue in the home, and one runner for each device.

job.py      what a job is, its states, and the kinds that there are
store.py    the queue: a file of the home's own
runner.py   takes the jobs of a device one after the other
log.py      what a job said, also while it runs
"""
