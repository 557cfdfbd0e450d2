# SPDX-License-Identifier: GPL-2.0-only
"""Hostile users of the device.

Properties: whatever is written into the ioctls of a session, in whatever order and from several
threads, each call returns, a process that does it can be killed at any moment and is gone in a
moment, the module can be unloaded afterwards, and the kernel has nothing to complain about (the
harness looks at its console).  KTAP_FUZZ_SECONDS sets the time, KTAP_FUZZ_SEED the start.
"""
import ctypes
import os
import random
import signal
import struct
import subprocess
import threading
import time

import ktapdev as k
from ktapdev import ok

SECONDS = float(os.environ.get('KTAP_FUZZ_SECONDS', '20'))
SEED = int(os.environ.get('KTAP_FUZZ_SEED', str(int(time.time()))))

SCRIPTS = [
    'print(1) trace syscalls:sys_enter_getppid { print(pid(), argevent) } tick-1ms { print(2) }',
    's = {} trace raw_syscalls:sys_enter { s[execname()] += 1 } trace_end { histogram(s) }',
    'trace raw_syscalls:sys_exit { print(args.id, args.ret) } profile-1ms { n = cpu() }',
    'trace sched:sched_switch { t = {} t[1] = arg1 print(t) } trace_end { while (1) { print(1) } }',
    'while (1) { print("x") }',
    'trace syscalls:sys_enter_getppid { while (1) { } }',
    'trace syscalls:sys_exit_getppid { exit(args.ret) }',
    'print(arg[0]) x = {} for (i = 1, 3000, 1) { x[i] = "v" .. i } tick-2ms { print(x) }',
]

CALLS = [k.IOC_VERSION, k.IOC_LOAD, k.IOC_TARGET, k.IOC_MAIN, k.IOC_ATTACH, k.IOC_START, k.IOC_STOP,
         k.IOC_END, k.IOC_STATS, k.IOC_ABORT]
EDGES = [0, 1, 2, 7, 8, 63, 64, 127, 255, 4095, 4096, 65535, 65536, 1 << 20, (1 << 31) - 1, 1 << 31,
         (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 0xffff888000000000,
         0xffffffff81000000, 0x1000]


def checksum(chunk):
    h = 2166136261
    for b in chunk[16:]:
        h = (h ^ b) * 16777619 & 0xffffffff
    return h


def mutate(r, data, words=4):
    """Change a few bytes or words."""
    data = bytearray(data)
    for _ in range(r.randrange(1, words + 1)):
        if not data:
            break
        at = r.randrange(len(data))
        how = r.randrange(3)
        if how == 0:
            data[at] ^= 1 << r.randrange(8)
        elif how == 1:
            data[at] = r.randrange(256)
        else:
            size = r.choice((4, 8))
            at = at // size * size
            value = struct.pack('=Q', r.choice(EDGES))[:size]
            data[at:at + size] = value[:len(data) - at]
    return data


class Attacker:
    def __init__(self, seed, chunks):
        self.r = random.Random(seed)
        self.chunks = chunks
        self.sessions = []
        self.rings = []

    def open(self):
        s = k.Session()
        s.chunk = self.r.choice(self.chunks)
        self.sessions.append(s)

    def bad_chunk(self, s):
        data = mutate(self.r, s.chunk.data, 8)
        if self.r.randrange(4):
            data[12:16] = struct.pack('<I', checksum(data))
        if not self.r.randrange(8):
            data = data[:self.r.randrange(len(data))]
        return bytes(data)

    def load(self, s):
        chunk = self.bad_chunk(s) if self.r.randrange(2) else s.chunk.data
        req = s.load_request(chunk, flags=self.r.choice((0, 0, 1, 2, 4)), args=['x', '7'],
                             mem=self.r.choice((0, 0, 0, 1, 4096, 1 << 20)))
        s.error(k.IOC_LOAD, self.maybe_bad(req))

    def maybe_bad(self, req):
        return mutate(self.r, req) if not self.r.randrange(3) else req

    def attach(self, s):
        r = self.r
        kind, flags, definition = r.choice(s.chunk.events or [(1, 0, 'tick-1ms')])
        fields = bytes(8 * len(s.chunk.fields))
        if kind == 0:
            system, name = definition.strip().split(':')
            fields = k.field_map(s.chunk, system, name)
            req = s.attach_request(event=r.randrange(3), system=system, name=name,
                                   flags=r.choice((flags, 0, 3)), fields=self.maybe_bad(fields))
        else:
            req = s.attach_request(kind=kind % 3, event=r.randrange(3), name='t',
                                   period=r.choice((10000, 10**6, 10**8)), fields=fields)
        s.number += 1
        s.error(k.IOC_ATTACH, self.maybe_bad(req))

    def target(self, s):
        req = [self.r.choice((os.getpid(), 1, 0, 1 << 22))]
        try:
            s.target(pids=req, flags=self.r.randrange(4), cpus=self.r.choice((None, [0], [1])))
        except OSError:
            pass

    def garbage(self, s):
        request = self.r.choice(CALLS)
        size = request >> 16 & 0x3fff
        data = self.r.choice((bytes(size), self.r.randbytes(size)))
        s.error(request, self.maybe_bad(data) if size else b'')

    def wild_pointer(self, s):
        k.libc.ioctl(s.fd, ctypes.c_ulong(self.r.choice(CALLS)), ctypes.c_ulong(self.r.choice(EDGES)))

    def unknown(self, s):
        s.error(self.r.randrange(1 << 32), bytes(1 << 14))

    def call(self, s):
        request = self.r.choice((k.IOC_MAIN, k.IOC_MAIN, k.IOC_START, k.IOC_START, k.IOC_STOP,
                                 k.IOC_END, k.IOC_STATS))
        s.error(request, bytes(512))

    def read(self, s):
        try:
            os.read(s.fd, self.r.choice((0, 1, 31, 100, 1 << 17)))
        except OSError:
            pass

    def ring(self, s):
        try:
            self.rings.append(k.Ring(getattr(s, 'id', self.r.randrange(50)), self.r.randrange(2),
                                     self.r.choice((1, 8))))
        except OSError:
            pass

    def close(self, s):
        if self.r.randrange(3):
            if self.rings:
                self.rings.pop(self.r.randrange(len(self.rings))).close()
        else:
            self.sessions.remove(s)
            s.close()

    def helper(self):
        """Another thread: reads, aborts, and makes events."""
        while True:
            for s in list(self.sessions):
                s.error(k.IOC_ABORT)
                self.read(s)
                os.getppid()
            for ring in list(self.rings):
                try:
                    ring.read()
                except ValueError:
                    pass
            time.sleep(0.001)

    def attack(self):
        threading.Thread(target=self.helper, daemon=True).start()
        self.open()
        steps = [self.load, self.load, self.attach, self.attach, self.attach, self.target,
                 self.garbage, self.wild_pointer, self.unknown, self.call, self.call, self.call,
                 self.read, self.ring, self.ring, self.close]
        while True:
            if not self.sessions or (len(self.sessions) < 4 and not self.r.randrange(20)):
                self.open()
            self.r.choice(steps)(self.r.choice(self.sessions))

    def straight(self):
        """The right order with a damaged chunk: what the verifier lets through runs."""
        while True:
            s = k.Session()
            s.chunk = self.r.choice(self.chunks)
            self.sessions.append(s)
            if not s.error(k.IOC_LOAD, s.load_request(self.bad_chunk(s))):
                s.error(k.IOC_MAIN, bytes(8))
                for _ in range(4):
                    self.attach(s)
                s.error(k.IOC_START)
                os.getppid()
                s.error(k.IOC_STOP)
                s.error(k.IOC_END, bytes(8))
            self.sessions.remove(s)
            s.close()


def run_one(seed, chunks):
    pid = os.fork()
    if pid:
        return pid
    try:
        null = os.open('/dev/null', os.O_WRONLY)
        os.dup2(null, 1)
        a = Attacker(seed, chunks)
        a.straight() if seed % 2 else a.attack()
    except BaseException:
        k.traceback.print_exc()
    os._exit(1)


def test_fuzz():
    print('# seed %d, %g seconds' % (SEED, SECONDS))
    chunks = [k.Chunk(s) for s in SCRIPTS]
    r = random.Random(SEED)
    rounds, slow, died = 0, 0, 0
    end = time.time() + SECONDS
    while time.time() < end:
        pids = [run_one(SEED + 4 * rounds + i, chunks) for i in range(3)]
        time.sleep(r.uniform(0.2, 1.5))
        for pid in pids:
            died += os.waitpid(pid, os.WNOHANG)[0] != 0
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        start = time.time()
        for pid in pids:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
        slow = max(slow, time.time() - start)
        rounds += 1
    ok('%d rounds of three hostile processes' % rounds, True)
    ok('none of them fell over a bug of the test', died == 0, died)
    ok('each is gone in a moment when it is killed', slow < 10, slow)
    with open('/proc/modules') as f:
        users = [line.split()[2] for line in f if line.startswith('ktapvm ')]
    ok('nothing holds the module', users == ['0'], users)
    with k.Session('print(1)') as s:
        s.main()
        ok('the device still works', s.prints() == [[1]])


def test_unprivileged():
    code = ('import os\nos.setgid(65534)\nos.setuid(65534)\n'
            'os.chdir(%r)\nimport ktapdev as k\n'
            'try:\n k.perf_event_open(k.ring_attr(1), -1, 0)\n print("open")\n'
            'except PermissionError:\n print("refused")\n'
            'except OSError as e:\n print("refused" if e.errno in (3, 13) else e)\n'
            % os.path.dirname(os.path.abspath(__file__)))
    with k.Session('print(1)'):
        run = subprocess.run(['/usr/bin/python3', '-c', code], capture_output=True, text=True)
    ok('a ring is not for everybody', run.stdout == 'refused\n', run.stdout + run.stderr)


k.run_tests(globals())
