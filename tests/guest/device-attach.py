# SPDX-License-Identifier: GPL-2.0-only
"""Attaching: every way of it counts the same, entries and fields are right, timers, refusals."""
import os
import struct
import time

import ktapdev as k
from ktapdev import Session, equal, ok, traced


def child(work):
    pid = os.fork()
    if not pid:
        work()
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def lseeks(n):
    fd = os.open('/proc/self/exe', os.O_RDONLY)
    for i in range(n):
        os.lseek(fd, 1000 + i, os.SEEK_SET)
    return fd


def test_syscall_fields():
    s, got, lost = traced(
        'trace syscalls:sys_enter_lseek { print(args.offset, args.whence, arg1, arg3) } '
        'trace syscalls:sys_exit_lseek { print(args.ret) }', lambda: child(lambda: lseeks(5)))
    v = [r.values() for r in got]
    v = v[[x[0] for x in v].index(1000):]
    nr = 8
    want = [x for i in range(5) for x in ([1000 + i, 0, nr, 1000 + i], [1000 + i])]
    equal('fields of system calls', v[:10], want)
    s.close()


def test_syscall_entry():
    """The entry that the module builds is the one that perf gives."""
    pids = []
    s, got, lost = traced('trace syscalls:sys_enter_lseek { print(argevent) } '
                          'trace syscalls:sys_exit_lseek { print(argevent) }',
                          lambda: pids.append(child(lambda: lseeks(1))))
    s.close()
    entries = [r.values()[0] for r in got if r.values()[0]]
    enter = [e for p, e in entries if p == 0][-1]
    leave = [e for p, e in entries if p == 1][-1]
    kind, flags, preempt, pid, nr = struct.unpack_from('=HBBii', enter)
    equal('common fields', (kind, flags & ~4, preempt, pid, nr),
          (k.event_id('syscalls', 'sys_enter_lseek'), 0, 0, pids[0], 8))
    fd, offset, whence = struct.unpack_from('=QQQ', enter, 16)
    equal('arguments', (offset, whence, len(enter)), (1000, 0, 40))
    equal('return value', struct.unpack_from('=HBBiiiq', leave)[6], 1000)


def count_of(event, work, more=''):
    s, got, lost = traced('n = 0 trace %s { n += 1 %s } trace_end { print(n) }' % (event, more),
                          lambda: child(work))
    n = s.prints()[0][0]
    s.close()
    return n


def test_counts():
    def work():
        for _ in range(500):
            os.getppid()

    empty = {}
    for name, event, more in (
            ('system call, direct', 'syscalls:sys_enter_getppid', ''),
            ('system call, field', 'syscalls:sys_exit_getppid', 'x = args.ret'),
            ('raw tracepoint, direct', 'raw_syscalls:sys_enter', ''),
            ('raw tracepoint, perf', 'raw_syscalls:sys_enter', 'x = args.id')):
        n = count_of(event, work, more)
        if 'call' in event.split(':')[1] or 'getppid' in event:
            equal(name, n, 500)
        else:
            ok(name, 500 <= n < 900, n)


def test_char_arrays():
    def work():
        with open('/proc/self/comm', 'w') as f:
            f.write('ktap-test')

    s, got, lost = traced('trace task:task_rename { print(args.newcomm) }',
                          lambda: child(work))
    equal('a string of an entry', [r.values() for r in got], [['ktap-test']])
    s.close()


def test_timers():
    s, got, lost = traced('tick-20ms { print(cpu(), in_interrupt()) }', None, seconds=1)
    n = len(got)
    ok('tick-20ms for a second', 20 <= n <= 60, n)
    equal('on one CPU, in interrupt', len({tuple(r.values()) for r in got}), 1)
    s.close()
    s, got, lost = traced('profile-20ms { print(cpu()) }', None, seconds=1)
    per_cpu = [len([r for r in got if r.cpu == cpu]) for cpu in k.online_cpus()]
    ok('profile-20ms on each CPU', all(15 <= n <= 60 for n in per_cpu), per_cpu)
    s.close()


def test_fast_timer():
    s, got, lost = traced('profile-10us { n = cpu() }', None, seconds=1)
    ok('profile-10us leaves the machine alive', s.stats()['handled'] > 100, s.stats())
    s.close()


def test_dry():
    s, got, lost = traced('print("main") trace syscalls:sys_enter_getppid { print(1) } '
                          'tick-10ms { print(2) }', lambda: child(os.getppid), seconds=0.2,
                          flags=k.LOADF_DRY)
    equal('a dry run runs no handler', got, [])
    s.close()


def test_not_reached():
    with Session('if (nil) { trace syscalls:sys_enter_getppid { print(1) } }') as s:
        s.main()
        req = s.attach_request(system='syscalls', name='sys_enter_getppid')
        equal('a block that main did not reach', s.error(k.IOC_ATTACH, req), 'ENXIO')


def test_refused():
    script = 'trace syscalls:sys_enter_getppid { print(1) } tick-1s { print(2) }'
    good = dict(system='syscalls', name='sys_enter_getppid')
    good['id'] = k.event_id('syscalls', 'sys_enter_getppid')
    bad = {
        'unknown kind': (dict(good, kind=3), 'EINVAL'),
        'unknown event': (dict(good, event=2), 'EINVAL'),
        'unknown flag': (dict(good, flags=16), 'EINVAL'),
        'reserved': (dict(good, reserved=1), 'EINVAL'),
        'a period for a tracepoint': (dict(good, period=1000), 'EINVAL'),
        'fields that the chunk has not': (dict(good, fields=bytes(8)), 'EINVAL'),
        'a field count without fields': (dict(good, nr_fields=1 << 31), 'EINVAL'),
        'a name without an end': (dict(good, name='x' * 64), 'EINVAL'),
        'a system without an end': (dict(good, system='x' * 64), 'EINVAL'),
        'a tracepoint that does not exist': (dict(good, name='nothing', id=65000), 'EINVAL'),
        'a number that is no tracepoint': (dict(good, id=1 << 40), 'EINVAL'),
        'a timer of 9 us': (dict(kind=1, event=1, name='t', period=9999), 'EINVAL'),
        'a timer of 0': (dict(kind=2, event=1, name='t', period=0), 'EINVAL'),
        'a timer of 600 years': (dict(kind=1, event=1, name='t', period=(1 << 64) - 1), 'EINVAL'),
        'a timer with a system': (dict(good, kind=1, event=1, period=10**9), 'EINVAL'),
    }
    with Session(script) as s:
        req = s.attach_request(**good)
        equal('no ATTACH before MAIN', s.error(k.IOC_ATTACH, req), 'EINVAL')
        s.main()
        for what, (kw, want) in bad.items():
            got = s.error(k.IOC_ATTACH, s.attach_request(**kw))
            ok('ATTACH refused: ' + what, got == want or got == 'ENOENT', got)
        equal('nothing is attached', s.stats()['points'], 0)
        s.attach(**good)
        equal('a number is taken', s.error(k.IOC_ATTACH, s.attach_request(number=0, **good)),
              'EEXIST')
        equal('the next one is not', s.error(k.IOC_ATTACH, s.attach_request(**good)), '')
        equal('two points', s.stats()['points'], 2)
        s.start()
        req = s.attach_request(number=7, **good)
        equal('no ATTACH after START', s.error(k.IOC_ATTACH, req), 'EINVAL')
        s.stop()
        equal('STOP detaches', s.stats()['points'], 0)
    script = 'trace raw_syscalls:sys_enter { print(args.id) }'
    with Session(script) as s:
        s.main()
        for what, field in {
                'kind': (8, 8, 9, 0, 0), 'size': (8, 3, 1, 0, 0), 'sign': (8, 8, 1, 2, 0),
                'reserved': (8, 8, 1, 0, 1), 'data_loc size': (8, 8, 3, 0, 0)}.items():
            got = s.error(k.IOC_ATTACH, s.attach_request(
                system='raw_syscalls', name='sys_enter', flags=2,
                fields=struct.pack('=HHBBH', *field)))
            equal('ATTACH refused: field with a bad ' + what, got, 'EINVAL')


def test_field_beyond_entry():
    """A field outside the entry is nil or empty, never memory behind it."""
    for kind, size in (1, 8), (1, 4), (2, 64), (3, 4):
        with Session('trace syscalls:sys_enter_getppid { print(args.x) }') as s:
            rings = k.Rings(s)
            s.main()
            for offset in 15, 16, 60, 65535:
                s.attach(system='syscalls', name='sys_enter_getppid', flags=2,
                         fields=struct.pack('=HHBBH', offset, size, kind, 0, 0))
            s.start()
            child(os.getppid)
            s.stop()
            got = [r.values()[0] for r in rings.read()]
            ok('a field of kind %d beyond the entry' % kind,
               len(got) == 4 and all(v in (None, '') for v in got), got)
            rings.close()


def test_handler_error():
    s, got, lost = traced('n = 0 trace syscalls:sys_enter_getppid { n += 1 x = 1 + {} } '
                          'trace_end { print("end", n) }', lambda: child(os.getppid))
    equal('an error in a handler stops the session', s.stats()['state'], k.ERROR)
    equal('it is reported', [r.type for r in got], [k.REC_ERROR])
    equal('trace_end still runs', s.prints(), [['end', 1]])
    s.close()


def test_endless_handler():
    s, got, lost = traced('trace syscalls:sys_enter_getppid { while (1) { } } '
                          'trace_end { print("end") }', lambda: child(os.getppid))
    equal('an endless handler is stopped', s.stats()['state'], k.ERROR)
    equal('and trace_end runs', s.prints(), [['end']])
    s.close()


def test_exit_in_handler():
    s, got, lost = traced('trace syscalls:sys_enter_getppid { exit(7) }',
                          lambda: child(os.getppid))
    stats = s.stats()
    equal('exit in a handler', (stats['state'], stats['exit_status']), (k.EXIT, 7))
    s.close()


def test_many():
    """A few hundred events at once."""
    names = [n for n in sorted(os.listdir(k.tracefs() + '/events/syscalls'))
             if n.startswith('sys_')]
    with Session('n = 0 trace syscalls:* { n += 1 } trace_end { print(n) }') as s:
        s.main()
        for n in names:
            s.attach(system='syscalls', name=n)
        s.start()
        child(lambda: [os.getppid() for _ in range(1000)])
        start = time.time()
        s.stop()
        took = time.time() - start
        s.end()
        ok('%d system call events at once' % len(names), s.prints()[0][0] >= 2000, s.prints())
        ok('and detached in a moment', took < 5, took)


k.run_tests(globals())
