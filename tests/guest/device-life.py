# SPDX-License-Identifier: GPL-2.0-only
"""The life of a session: order of calls, states, output of main and trace_end, stopping."""
import errno
import os
import signal
import struct
import subprocess
import threading
import time

import ktapdev as k
from ktapdev import Session, equal, ok


def test_version():
    with Session() as s:
        got = struct.unpack(k.VERSION_FMT, s.ioctl(k.IOC_VERSION, bytes(16)))
    equal('VERSION', got, (1, 1, 1, 0))


def test_permission():
    code = 'import os; os.setuid(65534); os.open("%s", os.O_RDWR)' % k.DEVICE
    run = subprocess.run(['/usr/bin/python3', '-c', code], capture_output=True, text=True)
    ok('open is for root', 'PermissionError' in run.stderr, run.stderr)
    equal('mode of the device', os.stat(k.DEVICE).st_mode & 0o777, 0o600)


def test_order():
    with Session() as s:
        early = [s.error(c, bytes(8)) for c in (k.IOC_MAIN, k.IOC_START, k.IOC_STOP, k.IOC_END)]
        equal('nothing runs before LOAD', early, ['EINVAL'] * 4)
        equal('no stats before LOAD', s.error(k.IOC_STATS, bytes(512)), 'EINVAL')
        equal('nothing to abort', s.error(k.IOC_ABORT), 'ESRCH')
    with Session('print(1)') as s:
        equal('one LOAD a file', s.error(k.IOC_LOAD, s.load_request(s.chunk.data)), 'EBUSY')
        equal('no START before MAIN', s.error(k.IOC_START), 'EINVAL')
        equal('no END before MAIN', s.error(k.IOC_END, bytes(8)), 'EINVAL')
        equal('MAIN ends in RUNNING', s.main(), k.RUNNING)
        equal('one MAIN', s.error(k.IOC_MAIN, bytes(8)), 'EINVAL')
        equal('START', s.error(k.IOC_START), '')
        equal('one START', s.error(k.IOC_START), 'EINVAL')
        equal('STOP', s.error(k.IOC_STOP), '')
        equal('STOP again is no error', s.error(k.IOC_STOP), '')
        equal('no START after STOP', s.error(k.IOC_START), 'EINVAL')
        equal('END keeps STOPPED', s.end(), k.STOPPED)
        equal('one END', s.error(k.IOC_END, bytes(8)), 'EINVAL')
        equal('then the file ends', s.read(), b'')
        equal('output of main', s.prints(), [[1]])


def test_unknown_call():
    with Session() as s:
        equal('an unknown ioctl', s.error(k.ioc(k.READ, 77, '=I'), bytes(8)), 'ENOTTY')
        equal('a known one of another size', s.error(k.ioc(k.READ, 0, '=I'), bytes(8)), 'ENOTTY')


def test_args():
    with Session('print(arg[0], arg[1], arg[2])', args=['x', '42', 'a b']) as s:
        s.main()
        equal('arguments', s.prints(), [['x', 42, 'a b']])
    chunk = k.Chunk('print(1)').data
    bad = {
        'without terminator': dict(args=['x'], args_size=1),
        'more than there are': dict(args=['x'], nr_args=2),
        'fewer than there are': dict(args=['x', 'y'], nr_args=1),
        'too many': dict(args=['x'] * 1025),
        'bytes without arguments': dict(args_size=5),
        'unknown flag': dict(flags=8),
        'reserved': dict(reserved=1),
        'no chunk': dict(chunk_size=0),
        'a chunk too large': dict(chunk_size=(8 << 20) + 1),
    }
    for what, kw in bad.items():
        with Session() as s:
            equal('LOAD refused: ' + what, s.error(k.IOC_LOAD, s.load_request(chunk, **kw)),
                  'EINVAL')
    with Session() as s:
        equal('LOAD refused: memory', s.error(k.IOC_LOAD, s.load_request(chunk, mem=1 << 50)),
              'E2BIG')
        equal('LOAD refused: address',
              s.error(k.IOC_LOAD, s.load_request(chunk, at=0xffff888000000000)), 'EFAULT')
        equal('a refused LOAD can be tried again', s.error(k.IOC_LOAD, s.load_request(chunk)), '')


def test_verifier():
    chunk = bytearray(k.Chunk('print(1)').data)
    chunk[-1] ^= 1
    with Session() as s:
        try:
            s.ioctl(k.IOC_LOAD, s.load_request(chunk))
            ok('a damaged chunk is refused', False)
        except OSError as e:
            code = struct.unpack(k.LOAD_FMT, e.filename)[10]
            ok('a damaged chunk is refused with a reason', e.errno == errno.EBADMSG and code > 0, (e, code))
        equal('and nothing is loaded', s.error(k.IOC_MAIN, bytes(8)), 'EINVAL')


def test_exit_and_error():
    with Session('exit(3) trace_end { print("end") }') as s:
        equal('exit in main', s.main(), k.EXIT)
        equal('its status', s.stats()['exit_status'], 3)
        equal('trace_end keeps the state', s.end(), k.EXIT)
        equal('EXIT record', [r.type for r in s.output if r.type != k.PRINT], [k.REC_EXIT])
    with Session('x = 1 + {} trace_end { print("end") }') as s:
        equal('error in main', s.main(), k.ERROR)
        ok('its code', s.stats()['error'] > 0)
        s.end()


def test_output_larger_than_buffer():
    lines = 40000
    with Session('trace_end { for (i = 1, %d, 1) { print(i, "some text to fill it") } }' %
                 lines) as s:
        s.main()
        s.end()
        got = [v[0] for v in s.prints()]
        ok('trace_end prints %d lines, all in order' % lines, got == list(range(1, lines + 1)),
           (len(got), got[:3], got[-3:]))


def test_small_reads():
    with Session('for (i = 1, 100, 1) { print(i) }') as s:
        s.ioctl(k.IOC_MAIN, bytes(8))
        try:
            os.read(s.fd, 8)
            ok('a record is never cut', False)
        except OSError as e:
            equal('a record is never cut', e.errno, errno.EINVAL)
        data = b''
        while True:
            part = s.read(100)
            if not part:
                break
            data += part
        equal('reads of 100 bytes', [r.values() for r in k.records(data)],
              [[i] for i in range(1, 101)])


def in_thread(s, request):
    out = []
    t = threading.Thread(target=lambda: out.append(s.ioctl(request, bytes(8))))
    t.start()
    return t, out


def abort_until_over(s, thread):
    start = time.time()
    while thread.is_alive() and time.time() - start < 10:
        s.error(k.IOC_ABORT)
        time.sleep(0.01)
    thread.join(1)
    return time.time() - start


def test_abort_loop():
    with Session('print("a") while (1) { } print("b")') as s:
        t, out = in_thread(s, k.IOC_MAIN)
        time.sleep(0.3)
        ok('an endless main runs', t.is_alive())
        equal('STATS works meanwhile', s.stats()['state'], k.LOADED)
        equal('read works meanwhile', [r.values() for r in k.records(s.read())], [['a']])
        took = abort_until_over(s, t)
        ok('ABORT stops it', out and took < 5, took)
        equal('as an error', struct.unpack(k.RUN_FMT, out[0])[0], k.ERROR)
        equal('END still runs', s.end(), k.ERROR)


def test_abort_full_buffer():
    with Session('while (1) { print("text") }') as s:
        t, out = in_thread(s, k.IOC_MAIN)
        time.sleep(0.5)
        ok('main waits for the reader', t.is_alive())
        took = abort_until_over(s, t)
        ok('ABORT ends the wait', out and took < 5, took)


def test_killed_in_main():
    child = os.fork()
    if not child:
        s = Session('while (1) { }')
        s.ioctl(k.IOC_MAIN, bytes(8))
        os._exit(0)
    time.sleep(1)
    os.kill(child, signal.SIGKILL)
    start = time.time()
    os.waitpid(child, 0)
    ok('kill -9 ends an endless main at once', time.time() - start < 3, time.time() - start)


def test_poll():
    with Session('print(1)') as s:
        p = k.select.poll()
        p.register(s.fd, k.select.POLLIN)
        equal('nothing to poll', p.poll(0), [])
        s.ioctl(k.IOC_MAIN, bytes(8))
        equal('poll sees output', p.poll(0), [(s.fd, k.select.POLLIN)])
        s.read()
        equal('and none when it is read', p.poll(0), [])
        s.ioctl(k.IOC_END, bytes(8))
        ok('poll sees the end', p.poll(0)[0][1] & k.select.POLLHUP)


k.run_tests(globals())
