# SPDX-License-Identifier: GPL-2.0-only
"""The target filter: processes, their children, exec, CPUs, the session's own process."""
import os
import select
import struct
import time

import ktapdev as k
from ktapdev import Rings, Session, equal, ok

CALLS = 'trace syscalls:sys_enter_getppid { print(pid(), cpu()) }'


class Child:
    """A process that does what it is told by a letter, one at a time."""

    def __init__(self, actions):
        self.cmd_r, self.cmd_w = os.pipe()
        self.ack_r, self.ack_w = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            while True:
                c = os.read(self.cmd_r, 1).decode()
                if c == 'q' or not c:
                    os._exit(0)
                actions[c]()
                os.write(self.ack_w, b'.')

    def do(self, letters):
        for c in letters:
            os.write(self.cmd_w, c.encode())
            os.read(self.ack_r, 1)

    def quit(self):
        os.write(self.cmd_w, b'q')
        os.waitpid(self.pid, 0)
        for fd in self.cmd_r, self.cmd_w, self.ack_r, self.ack_w:
            os.close(fd)


def call():
    os.getppid()


def fork_and_call():
    pid = os.fork()
    if not pid:
        os.getppid()
        os._exit(0)
    os.waitpid(pid, 0)


def fork_and_exec():
    pid = os.fork()
    if not pid:
        os.getppid()
        os.execv('/usr/bin/python3', ['python3', '-S', '-c', 'import os; os.getppid()'])
    os.waitpid(pid, 0)


ACTIONS = {'c': call, 'f': fork_and_call, 'x': fork_and_exec}


def run(script, work, target=None, **kw):
    s = Session(script, **kw)
    rings = Rings(s)
    s.main()
    if target:
        s.target(**target)
    s.attach_all()
    s.start()
    work()
    s.stop()
    got = [r.values() for r in sorted(rings.read(), key=lambda r: r.time)]
    rings.close()
    s.close()
    return got


def test_everything_but_self():
    child = Child(ACTIONS)

    def work():
        child.do('cc')
        call()

    got = run(CALLS, work)
    equal('other processes are traced, the own one is not', [v[0] for v in got], [child.pid] * 2)
    got = run(CALLS, work, flags=k.LOADF_TRACE_SELF)
    equal('TRACE_SELF', sorted(v[0] for v in got), sorted([child.pid] * 2 + [os.getpid()]))
    child.quit()


def test_pids():
    a, b = Child(ACTIONS), Child(ACTIONS)

    def work():
        a.do('cf')
        b.do('ccf')

    got = run(CALLS, work, target=dict(pids=[a.pid]))
    equal('one process, without its children', [v[0] for v in got], [a.pid])
    got = run(CALLS, work, target=dict(pids=[a.pid, b.pid]))
    equal('two processes', [v[0] for v in got], [a.pid] + [b.pid] * 2)
    got = run(CALLS, work, target=dict(pids=[a.pid], flags=k.TARGETF_INHERIT))
    equal('one process and its children', (len(got), got[0][0]), (2, a.pid))
    ok('the child is another process', got[1][0] not in (a.pid, b.pid), got)
    a.quit()
    b.quit()


def test_exec():
    go_r, go_w = os.pipe()
    pid = os.fork()
    if not pid:
        os.read(go_r, 1)
        os.getppid()
        os.execv('/usr/bin/python3', ['python3', '-S', '-c', '''
import os
os.getppid()
pid = os.fork()
if not pid:
    os.getppid()
    os._exit(0)
os.waitpid(pid, 0)'''])

    def work():
        os.write(go_w, b'!')
        os.waitpid(pid, 0)

    got = run('trace syscalls:sys_enter_getppid { print(pid()) } '
              'trace sched:sched_process_exec { print(-pid()) } '
              'trace sched:sched_process_exit { print(-pid()) }', work,
              target=dict(pids=[pid], flags=k.TARGETF_ON_EXEC | k.TARGETF_INHERIT))
    got = [v[0] for v in got]
    equal('from its exec on: the exec, one call, its exit', [v for v in got if abs(v) == pid],
          [-pid, pid, -pid])
    equal('and its child: a call, its exit', len([v for v in got if abs(v) != pid]), 2)
    os.close(go_r)
    os.close(go_w)


def test_errors():
    with Session() as s:
        equal('no TARGET before LOAD', s.error(k.IOC_TARGET, bytes(32)), 'EINVAL')
    bad = {
        'reserved': (dict(reserved=1), 22),
        'unknown flag': (dict(flags=4), 22),
        'pids without an address': (dict(nr_pids=1), 22),
        'an address without pids': (dict(pids=[1], nr_pids=0), 22),
        'too many pids': (dict(pids=[1], nr_pids=1 << 20), 22),
        'no such process': (dict(pids=[0x3fffff]), 3),
        'process 0': (dict(pids=[0]), 3),
        'process -1': (dict(pids=[0xffffffff]), 3),
        'no CPU': (dict(cpus=[]), 22),
        'a CPU that does not exist': (dict(cpus=[4000]), 22),
        'a mask without bytes': (dict(cpus=[0], cpus_size=0), 22),
        'a mask that is too long': (dict(cpus=[0], cpus_size=1 << 20), 22),
    }
    with Session('print(1)') as s:
        for what, (kw, want) in bad.items():
            try:
                s.target(**kw)
                ok('TARGET refused: ' + what, False)
            except OSError as e:
                equal('TARGET refused: ' + what, e.errno, want)
        s.target(pids=[1])
        equal('a refused TARGET can be tried again, a good one not',
              s.error(k.IOC_TARGET, bytes(32)), 'EBUSY')
    with Session(CALLS) as s:
        s.main()
        s.attach_all()
        equal('no TARGET after ATTACH', s.error(k.IOC_TARGET, bytes(32)), 'EBUSY')


def test_cpus():
    cpus = k.online_cpus()
    if len(cpus) < 2:
        return

    def pinned():
        for cpu in cpus:
            os.sched_setaffinity(0, {cpu})
            os.getppid()

    child = Child({'p': pinned})
    for script in CALLS, 'trace raw_syscalls:sys_enter /id == 110/ { print(pid(), cpu()) }':
        got = run(CALLS, lambda: child.do('ppp'), target=dict(cpus=[cpus[1]]))
        equal('one CPU', got, [[child.pid, cpus[1]]] * 3)
    s = Session('profile-5ms { print(cpu()) }')
    rings = Rings(s)
    s.main()
    s.target(cpus=[cpus[1]])
    s.attach_all()
    s.start()
    time.sleep(0.3)
    s.stop()
    equal('profile on one CPU', {r.values()[0] for r in rings.read()}, {cpus[1]})
    rings.close()
    s.close()
    child.quit()


def test_short_lived():
    """Many children that come and go, all of one target: every call of each is seen."""
    child = Child(ACTIONS)
    got = run(CALLS, lambda: child.do('f' * 200),
              target=dict(pids=[child.pid], flags=k.TARGETF_INHERIT))
    equal('200 short-lived children', (len(got), child.pid in [v[0] for v in got]), (200, False))
    child.quit()


k.run_tests(globals())
