"""Simulates one policy with libCacheSim and prints what it counted and how long that took, from opening the file.

python3 speed-run.py FILE POLICY CAPACITY
"""

import json
import sys
import time

import libcachesim

policies = {
    "fifo": libcachesim.FIFO,
    "lru": libcachesim.LRU,
    "clock": libcachesim.Clock,
    "sieve": libcachesim.Sieve,
    "s3-fifo": libcachesim.S3FIFO,
}

file, policy, capacity = sys.argv[1], sys.argv[2], int(sys.argv[3])
started = time.perf_counter_ns()
reader = libcachesim.TraceReader(
    file,
    libcachesim.TraceType.ORACLE_GENERAL_TRACE,
    libcachesim.ReaderInitParam(ignore_obj_size=True),
)
miss_ratio, _ = policies[policy](capacity).process_trace(reader)
print(json.dumps({"missRatio": miss_ratio, "ns": time.perf_counter_ns() - started}))
