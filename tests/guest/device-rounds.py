# SPDX-License-Identifier: GPL-2.0-only
"""Load, trace, kill, unload, many times: nothing stays behind.

KTAP_ROUNDS sets how often (100).  The module is the one that is loaded, inserted again from
$KTAP_BUILD/ktapvm.ko.
"""
import os
import random
import signal
import subprocess
import time

import ktapdev as k
from ktapdev import ok

ROUNDS = int(os.environ.get('KTAP_ROUNDS', '100'))
MODULE = os.environ.get('KTAP_MODULE', os.environ.get('KTAP_BUILD', k.TOP + '/build') + '/ktapvm.ko')
SCRIPT = ('s = {} trace syscalls:sys_enter_getppid { s[tid()] += 1 print(argevent) } '
          'trace raw_syscalls:sys_exit { s[args.id] += 1 } '
          'trace sched:sched_switch { s[cpu()] += 1 } tick-1ms { print(len(s)) } '
          'profile-1ms { s["p"] += 1 } trace_end { print(s) }')


def victim(chunk, ready):
    s = k.Session()
    s.chunk = chunk
    s.load(chunk.data)
    rings = k.Rings(s, 8)
    s.ioctl(k.IOC_MAIN, bytes(8))
    s.target(pids=[os.getppid()], flags=k.TARGETF_INHERIT)
    s.attach_all()
    s.start()
    os.write(ready, b'.')
    while True:
        rings.read()
        os.getppid()


def killed_while_tracing(chunk, wait):
    ready, go = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            victim(chunk, go)
        except BaseException:
            k.traceback.print_exc()
        os._exit(1)
    os.close(go)
    if wait is None:
        os.read(ready, 1)
        time.sleep(0.02)
    else:
        time.sleep(wait)
    for _ in range(200):
        os.getppid()
    os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    os.close(ready)
    return os.WIFSIGNALED(status)


def rmmod():
    return subprocess.run(['rmmod', 'ktapvm'], capture_output=True, text=True)


def used():
    """Bytes of vmalloc memory and of slabs that do not go away by themselves."""
    with open('/proc/meminfo') as f:
        info = {line.split(':')[0]: int(line.split()[1]) for line in f}
    return info['VmallocUsed'], info['SUnreclaim'], info['Percpu']


def test_rounds():
    if not os.path.exists(MODULE):
        print('ok 1 - rounds # SKIP no ' + MODULE)
        k.count = 1
        return
    chunk = k.Chunk(SCRIPT)
    r = random.Random(1)
    bad, stuck = 0, []
    before = None
    for i in range(ROUNDS):
        # now and then in the middle of loading and attaching
        bad += not killed_while_tracing(chunk, None if i % 2 else r.uniform(0, 0.3))
        run = rmmod()
        if run.returncode:
            stuck.append(run.stderr)
        subprocess.run(['insmod', MODULE], check=True)
        if i == 9:
            before = used()
    ok('%d rounds: the victim lived until it was killed' % ROUNDS, bad == 0, bad)
    ok('%d rounds: the module could be unloaded each time' % ROUNDS, not stuck, stuck[:3])
    if ROUNDS >= 20:
        grown = [b - a for a, b in zip(before, used())]
        ok('no memory stays behind', all(kib < 2048 for kib in grown), grown)


k.run_tests(globals())
