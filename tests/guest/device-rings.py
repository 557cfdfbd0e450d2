# SPDX-License-Identifier: GPL-2.0-only
"""Rings of the PMU "ktap": who may open them, and that every record is accounted for."""
import errno
import os
import subprocess
import threading
import time

import ktapdev as k
from ktapdev import Ring, Rings, Session, equal, ok, traced


def opened(*args, **kw):
    """'' or the errno's name."""
    try:
        Ring(*args, **kw).close()
        return ''
    except OSError as e:
        return errno.errorcode[e.errno]


def syscalls(n):
    for _ in range(n):
        os.getppid()


def hammer(n):
    """n system calls on each CPU, from processes that are not the session's."""
    pids = []
    for cpu in k.online_cpus():
        pid = os.fork()
        if not pid:
            os.sched_setaffinity(0, {cpu})
            syscalls(n)
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)


def test_claims():
    with Session('print(1)') as s:
        equal('a ring of no session', opened(s.id + 1000, 0), 'ESRCH')
        equal('a ring of a session number beyond all', opened(1 << 40, 0), 'ESRCH')
        equal('a ring of a task', opened(s.id, -1, pid=0), 'EINVAL')
        ring = Ring(s.id, 0)
        equal('a second ring of one CPU', opened(s.id, 0), 'EBUSY')
        ring.close()
        equal('a ring that was given back', opened(s.id, 0), '')
        session = s.id
    equal('a ring of a closed session', opened(session, 0), 'ESRCH')


def test_module_is_kept():
    s = Session('print(1)')
    ring = Ring(s.id, 0)
    run = subprocess.run(['rmmod', 'ktapvm'], capture_output=True)
    ok('rmmod is refused while a session is open', run.returncode != 0)
    s.close()
    run = subprocess.run(['rmmod', 'ktapvm'], capture_output=True)
    ok('and while a ring is', run.returncode != 0)
    equal('a ring outlives its session', ring.read(), [])
    ring.close()


SCRIPTS = {
    'system call': 'trace syscalls:sys_enter_getppid { print(tid()) }',
    'system call with field': 'trace syscalls:sys_exit_getppid { print(args.ret) }',
    'raw tracepoint': 'trace raw_syscalls:sys_enter { print(cpu()) }',
    'perf': 'trace raw_syscalls:sys_exit { print(args.id) }',
}


def check_account(what, s, got, lost, full):
    stats = s.stats()
    emitted = stats['emitted'] - len(s.output)
    equal('%s: emitted = received + lost' % what, len(got) + lost, emitted)
    equal('%s: ring_records is the same' % what, (stats['ring_records'], stats['no_ring']),
          (emitted, 0))
    ok('%s: %s' % (what, 'some got lost' if full else 'none got lost'), (lost > 0) == full,
       (emitted, lost))
    return emitted


def check_chains(what, got):
    """Records of one CPU and context are numbered without a gap where nothing got lost."""
    last = {}
    bad = 0
    for rec in got:
        number, context = divmod(rec.chain, 4)
        key = rec.cpu, context
        bad += key in last and number != last[key] + 1
        last[key] = number
    equal('%s: in order' % what, bad, 0)


def test_nothing_lost():
    for what, script in SCRIPTS.items():
        s, got, lost = traced(script, lambda: hammer(300), pages=1024)
        emitted = check_account(what, s, got, lost, False)
        ok('%s: enough of them' % what, emitted >= 300 * len(k.online_cpus()), emitted)
        if 'call' in what:
            equal('%s: exactly' % what, emitted, 300 * len(k.online_cpus()))
        check_chains(what, got)
        s.close()


def test_reader_stopped():
    """Nobody reads while 5000 records a CPU go to rings of 4 pages."""
    for what, script in SCRIPTS.items():
        s, got, lost = traced(script, lambda: hammer(5000), pages=4)
        check_account(what + ', full ring', s, got, lost, True)
        s.close()


def test_reader_races():
    s = Session('trace syscalls:sys_enter_getppid { print(cpu(), tid()) }')
    rings = Rings(s, pages=8)
    s.main()
    s.attach_all()
    s.start()
    got = []
    done = threading.Event()

    def reader():
        while not done.is_set():
            got.extend(rings.read())
            time.sleep(0.001)

    t = threading.Thread(target=reader)
    t.start()
    hammer(10000)
    done.set()
    t.join()
    s.stop()
    got += rings.read()
    lost = rings.lost()
    emitted = s.stats()['emitted']
    equal('a reader that runs: emitted = received + lost', len(got) + lost, emitted)
    equal('a reader that runs: all calls are there', emitted, 10000 * len(k.online_cpus()))
    rings.close()
    s.close()


def test_no_ring():
    with Session('trace syscalls:sys_enter_getppid { print(1) }') as s:
        s.main()
        s.attach_all()
        s.start()
        hammer(100)
        s.stop()
        stats = s.stats()
        n = 100 * len(k.online_cpus())
        equal('without rings every record is counted', (stats['emitted'], stats['no_ring']), (n, n))
    with Session('trace syscalls:sys_enter_getppid { print(1) }') as s:
        fds = [k.perf_event_open(k.ring_attr(s.id), -1, cpu) for cpu in k.online_cpus()]
        s.main()
        s.attach_all()
        s.start()
        hammer(100)
        s.stop()
        equal('rings that are not mapped are none', s.stats()['no_ring'], n)
        for fd in fds:
            os.close(fd)


def test_two_sessions():
    a = Session('trace syscalls:sys_enter_getppid { print("a") }')
    b = Session('trace syscalls:sys_enter_getppid { print("b") }')
    rings = Rings(a, 1024), Rings(b, 1024)
    for s in a, b:
        s.main()
        s.attach_all()
    for s in a, b:
        s.start()
    hammer(200)
    for s in a, b:
        s.stop()
    n = 200 * len(k.online_cpus())
    for s, r, name in (a, rings[0], 'a'), (b, rings[1], 'b'):
        equal('two sessions: %s has its own records' % name, [v.values() for v in r.read()],
              [[name]] * n)
        r.close()
        s.close()


def test_table_sum():
    n = 20000
    s, got, lost = traced('s = {} trace syscalls:sys_enter_getppid { s["n"] += 1 } '
                          'trace_end { print(s["n"]) }', lambda: hammer(n))
    equal('2 CPUs add to one table: the sum is exact', s.prints(), [[n * len(k.online_cpus())]])
    stats = s.stats()
    equal('nothing missed', (stats['missed'], stats['busy'], stats['dropped']), (0, 0, 0))
    s.close()


def test_big_records():
    """Records longer than one record may be are split; the parts are all there."""
    script = ('t = {} for (i = 1, 2000, 1) { t[i] = "xxxxxxxxxxxxxxxxxxxxxxxx" } '
              'trace syscalls:sys_enter_getppid { print(t) }')
    s, got, lost = traced(script, lambda: hammer(3), pages=1024)
    stats = s.stats()
    equal('split records: emitted = received + lost', len(got) + lost, stats['emitted'])
    parts = [r for r in got if r.flags & 2]
    ok('they are split', len(parts) > 0, [(r.type, r.size, r.flags) for r in got][:5])
    ok('none is too long', max(r.size for r in got) <= 8192)
    s.close()


k.run_tests(globals())
