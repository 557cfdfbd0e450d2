# SPDX-License-Identifier: GPL-2.0-only
"""The module's device and rings, seen from Python, for tests in the guest.

The structs of <ktap/abi.h> and <ktap/record.h> as struct formats, a session with its ioctls, a perf
ring, and TAP.  Nothing is checked on the way in: bad arguments are what it is for.
"""
import ctypes
import errno
import fcntl
import mmap
import os
import select
import struct
import subprocess
import sys
import threading
import time
import traceback

TOP = os.environ.get('KTAP_TOP', os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..'))
KTAP = os.environ.get('KTAP', os.path.join(os.environ.get('KTAP_BUILD', TOP + '/build'), 'perf-ktap'))
DEVICE = '/dev/ktapvm'
PMU = '/sys/bus/event_source/devices/ktap/'
PAGE = mmap.PAGESIZE

libc = ctypes.CDLL(None, use_errno=True)

# --- <ktap/abi.h> -------------------------------------------------------------------------------

LOAD_ERROR = 'IIIIqq'
VERSION_FMT = '=IIII'
LOAD_FMT = '=QIIQIIQQII' + LOAD_ERROR
TARGET_FMT = '=QIIQII'
RUN_FMT = '=II'
ATTACH_FMT = '=IIIIQQQII64s64s'
STATS_FMT = '=IIq7QQQ4Q' + 'IIqq' + '32I'

LOADF_DROP, LOADF_DRY, LOADF_TRACE_SELF = 1, 2, 4
TARGETF_INHERIT, TARGETF_ON_EXEC = 1, 2
TRACEPOINT, TICK, PROFILE = 0, 1, 2
EVF_ENTRY, EVF_FIELDS = 1, 2
LOADED, RUNNING, EXIT, ERROR, STOPPED = range(5)


def ioc(direction, nr, fmt):
    size = struct.calcsize(fmt) if fmt else 0
    return direction << 30 | size << 16 | ord('k') << 8 | nr


READ, WRITE = 2, 1
IOC_VERSION = ioc(READ, 0, VERSION_FMT)
IOC_LOAD = ioc(READ | WRITE, 1, LOAD_FMT)
IOC_TARGET = ioc(WRITE, 2, TARGET_FMT)
IOC_MAIN = ioc(READ | WRITE, 3, RUN_FMT)
IOC_ATTACH = ioc(WRITE, 4, ATTACH_FMT)
IOC_START = ioc(0, 5, None)
IOC_STOP = ioc(0, 6, None)
IOC_END = ioc(READ | WRITE, 7, RUN_FMT)
IOC_STATS = ioc(READ, 8, STATS_FMT)
IOC_ABORT = ioc(0, 9, None)

# --- <ktap/record.h> ----------------------------------------------------------------------------

REC_FMT = '=IHHQIIII'
REC_SIZE = struct.calcsize(REC_FMT)
PRINT, PRINTF, HIST, REC_ERROR, REC_EXIT = 1, 2, 3, 4, 5


class Record:
    def __init__(self, data):
        (self.size, self.type, self.flags, self.time, self.cpu, self.chain, self.pad,
         _) = struct.unpack_from(REC_FMT, data)
        self.body = data[REC_SIZE:self.size - self.pad]

    def values(self):
        """The values of a whole record, tables as lists of pairs, events as (point, bytes)."""
        out, at = [], 0
        while at < len(self.body):
            value, at = self._value(at)
            out.append(value)
        return out

    def _value(self, at):
        tag, at = self.body[at], at + 1
        if tag < 3:
            return (None, False, True)[tag], at
        if tag == 3:
            return struct.unpack_from('=q', self.body, at)[0], at + 8
        if tag == 4:
            size = struct.unpack_from('=I', self.body, at)[0]
            return self.body[at + 4:at + 4 + size].decode(), at + 4 + size
        if tag == 8:
            point, size = struct.unpack_from('=II', self.body, at)
            return (point, self.body[at + 8:at + 8 + size]), at + 8 + size
        raise ValueError('value tag %d' % tag)


def records(data):
    at = 0
    while at < len(data):
        rec = Record(data[at:])
        if rec.size < REC_SIZE or rec.size % 8 or at + rec.size > len(data):
            raise ValueError('bad record size %d at %d of %d' % (rec.size, at, len(data)))
        yield rec
        at += rec.size


# --- chunks -------------------------------------------------------------------------------------

SECT_BYTES, SECT_STRS, SECT_FIELDS, SECT_EVENTS = 0, 1, 8, 9


class Chunk:
    """A compiled script, with the tables that the front end would resolve."""

    def __init__(self, text):
        path = '%s/ktapdev-%d.ktapc' % (os.environ.get('TMPDIR', '/tmp'), os.getpid())
        subprocess.run([KTAP, 'compile', '-o', path, '-e', text], check=True)
        with open(path, 'rb') as f:
            self.data = f.read()
        os.unlink(path)
        self.events = [self._event(i) for i in range(self._sect(SECT_EVENTS)[1])]
        self.fields = [self._field(i) for i in range(self._sect(SECT_FIELDS)[1])]

    def _sect(self, i):
        return struct.unpack_from('<II', self.data, 24 + 8 * i)

    def _str(self, i):
        if i == 0xffffffff:
            return None
        at, size = struct.unpack_from('<II', self.data, self._sect(SECT_STRS)[0] + 8 * i)
        start = self._sect(SECT_BYTES)[0] + at
        return self.data[start:start + size].decode()

    def _event(self, i):
        kind, flags, definition = struct.unpack_from('<III', self.data,
                                                     self._sect(SECT_EVENTS)[0] + 20 * i)
        return kind, flags, self._str(definition)

    def _field(self, i):
        name, position = struct.unpack_from('<II', self.data, self._sect(SECT_FIELDS)[0] + 16 * i)
        return self._str(name) or position


def tracefs():
    for path in '/sys/kernel/tracing', '/sys/kernel/debug/tracing':
        if os.path.isdir(path + '/events'):
            return path
    subprocess.run(['mount', '-t', 'tracefs', 'tracefs', '/sys/kernel/tracing'], check=True)
    return '/sys/kernel/tracing'


def event_id(system, name):
    with open('%s/events/%s/%s/id' % (tracefs(), system, name)) as f:
        return int(f.read())


def event_format(system, name):
    """[(name, offset, size, signed)] of the fields without the common ones; integers only."""
    out = []
    with open('%s/events/%s/%s/format' % (tracefs(), system, name)) as f:
        for line in f:
            if not line.startswith('\tfield:') or 'field:unsigned short common' in line:
                continue
            part = dict(p.strip().split(':', 1) for p in line.strip().rstrip(';').split(';'))
            field = part['field'].split()[-1].split('[')[0]
            if not field.startswith('common_'):
                out.append((field, int(part['offset']), int(part['size']), int(part['signed'])))
    return out


FK_NONE, FK_INT, FK_CHARS, FK_DATALOC = 0, 1, 2, 3


def field_map(chunk, system, name):
    fmt = event_format(system, name)
    out = b''
    for want in chunk.fields:
        hit = [f for i, f in enumerate(fmt) if want in (f[0], i + 1)]
        if hit:
            _, offset, size, signed = hit[0]
            kind = FK_INT if size in (1, 2, 4, 8) else FK_CHARS
            out += struct.pack('=HHBBH', offset, size, kind, signed, 0)
        else:
            out += struct.pack('=HHBBH', 0, 0, FK_NONE, 0, 0)
    return out


# --- sessions -----------------------------------------------------------------------------------

def address(data):
    """Address of bytes, and what keeps them alive."""
    if not data:
        return 0, None
    buf = ctypes.create_string_buffer(bytes(data), len(data))
    return ctypes.addressof(buf), buf


class Session:
    def __init__(self, script=None, **kw):
        self.fd = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        self.number = 0
        self.output = []
        if script is not None:
            self.chunk = Chunk(script)
            self.load(self.chunk.data, **kw)

    def close(self):
        os.close(self.fd)
        self.fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.fd >= 0:
            self.close()

    def ioctl(self, request, data=b''):
        """Argument after the call; raises OSError.  Lets other threads run meanwhile."""
        buf = ctypes.create_string_buffer(bytes(data), max(len(data), 1))
        if libc.ioctl(self.fd, ctypes.c_ulong(request), buf) < 0:
            err = ctypes.get_errno()
            raise OSError(err, os.strerror(err), buf.raw)
        return buf.raw

    def error(self, request, data=b''):
        """Name of the errno of a call, '' when it is fine."""
        try:
            self.ioctl(request, data)
            return ''
        except OSError as e:
            return errno.errorcode[e.errno]

    def load_request(self, chunk, flags=0, args=(), mem=0, entries=0, **over):
        self.keep = [address(chunk), address(b''.join(a.encode() + b'\0' for a in args))]
        v = dict(at=self.keep[0][0], chunk_size=len(chunk), flags=flags, args=self.keep[1][0],
                 args_size=sum(len(a.encode()) + 1 for a in args), nr_args=len(args), mem=mem,
                 entries=entries, reserved=0)
        v.update(over)
        return struct.pack(LOAD_FMT, v['at'], v['chunk_size'], v['flags'], v['args'],
                           v['args_size'], v['nr_args'], v['mem'], v['entries'], 0,
                           v['reserved'], 0, 0, 0, 0, 0, 0)

    def load(self, chunk, **kw):
        out = self.ioctl(IOC_LOAD, self.load_request(chunk, **kw))
        self.id = struct.unpack(LOAD_FMT, out)[8]

    def target(self, pids=(), flags=0, cpus=None, **over):
        mask = b''
        if cpus is not None:
            bits = sum(1 << c for c in cpus)
            mask = bits.to_bytes(8 * (1 + bits.bit_length() // 64), 'little')
        self.keep_target = [address(struct.pack('=%dI' % len(pids), *pids)), address(mask)]
        v = dict(pids=self.keep_target[0][0], nr_pids=len(pids), flags=flags,
                 cpus=self.keep_target[1][0], cpus_size=len(mask), reserved=0)
        v.update(over)
        self.ioctl(IOC_TARGET, struct.pack(TARGET_FMT, v['pids'], v['nr_pids'], v['flags'],
                                           v['cpus'], v['cpus_size'], v['reserved']))

    def attach_request(self, kind=TRACEPOINT, event=0, system='', name='', flags=0, period=0,
                       fields=b'', **over):
        self.keep_fields = address(fields)
        if system and 'id' not in over:
            over['id'] = event_id(system, name)
        v = dict(number=self.number, id=0, reserved=0,
                 fields=self.keep_fields[0], nr_fields=len(fields) // 8, system=system.encode(),
                 name=name.encode())
        v.update(over)
        return struct.pack(ATTACH_FMT, kind, event, v['number'], flags, v['id'], period,
                           v['fields'], v['nr_fields'], v['reserved'], v['system'], v['name'])

    def attach(self, **kw):
        self.ioctl(IOC_ATTACH, self.attach_request(**kw))
        self.number += 1

    def attach_all(self):
        """What the front end does for definitions without wildcards."""
        for i, (kind, flags, definition) in enumerate(self.chunk.events):
            if kind == 0:
                system, name = definition.strip().split(':')
                self.attach(event=i, system=system, name=name, flags=flags,
                            fields=field_map(self.chunk, system, name))
            elif kind in (1, 2):
                number, unit = definition.split('-')[1], 1
                for suffix, ns in ('ms', 10**6), ('us', 10**3), ('ns', 1), ('s', 10**9):
                    if number.endswith(suffix):
                        number, unit = number[:-len(suffix)], ns
                        break
                self.attach(kind=kind, event=i, name=definition, period=int(number) * unit,
                            fields=bytes(8 * len(self.chunk.fields)))

    def read(self, size=1 << 17):
        """Bytes of the process buffer: b'' at the end, None when there are none now."""
        try:
            return os.read(self.fd, size)
        except BlockingIOError:
            return None

    def run(self, request):
        """MAIN or END with a reader beside it: the VM's state; records go to self.output."""
        result = []

        def call():
            try:
                result.append(struct.unpack(RUN_FMT, self.ioctl(request, bytes(8)))[0])
            except OSError as e:
                result.append(e)

        thread = threading.Thread(target=call)
        thread.start()
        while True:
            alive = thread.is_alive()
            data = self.read()
            if data:
                self.output += records(data)
            elif not alive:
                break
            else:
                select.select([self.fd], [], [], 0.01)
        thread.join()
        if isinstance(result[0], OSError):
            raise result[0]
        return result[0]

    def main(self):
        return self.run(IOC_MAIN)

    def end(self):
        return self.run(IOC_END)

    def start(self):
        self.ioctl(IOC_START)

    def stop(self):
        self.ioctl(IOC_STOP)

    def stats(self):
        v = struct.unpack(STATS_FMT, self.ioctl(IOC_STATS, bytes(struct.calcsize(STATS_FMT))))
        names = ('state points exit_status handled emitted missed busy dropped mem_bytes mem_peak '
                 'ring_records no_ring').split()
        out = dict(zip(names, v))
        out['error'] = v[16]
        return out

    def prints(self):
        return [r.values() for r in self.output if r.type in (PRINT, PRINTF)]


# --- rings --------------------------------------------------------------------------------------

SAMPLE, LOST = 9, 2


def perf_event_open(attr, pid, cpu):
    buf = ctypes.create_string_buffer(attr, len(attr))
    fd = libc.syscall(298 if os.uname().machine == 'x86_64' else 241, buf, pid, cpu, -1, 8)
    if fd < 0:
        err = ctypes.get_errno()
        raise OSError(err, os.strerror(err))
    return fd


def ring_attr(session_id, sample_type=1 << 10, read_format=1 << 4):
    with open(PMU + 'type') as f:
        pmu = int(f.read())
    # type, size, config, sample_period, sample_type, read_format, flags, wakeup
    return struct.pack('=IIQQQQQI', pmu, 128, session_id, 1, sample_type, read_format, 0,
                       1).ljust(128, b'\0')


class Ring:
    def __init__(self, session_id, cpu, pages=64, pid=-1):
        self.fd = perf_event_open(ring_attr(session_id), pid, cpu)
        self.size = pages * PAGE
        try:
            self.map = mmap.mmap(self.fd, PAGE + self.size)
        except OSError:
            os.close(self.fd)
            raise
        self.cpu = cpu
        self.reported = 0       # lost, in PERF_RECORD_LOST

    def close(self):
        self.map.close()
        os.close(self.fd)

    def lost(self):
        """All that the ring refused, also those it had no chance to report."""
        return struct.unpack('=QQ', os.read(self.fd, 16))[1]

    def read(self):
        """The payloads that are there."""
        head, tail = struct.unpack_from('=QQ', self.map, 1024)
        out = []
        data = self._bytes(tail, head - tail)
        at = 0
        while at < len(data):
            kind, _, size = struct.unpack_from('=IHH', data, at)
            if size < 8:
                raise ValueError('ring is damaged')
            if kind == SAMPLE:
                raw = struct.unpack_from('=I', data, at + 8)[0]
                out.append(Record(data[at + 12:at + 12 + raw]))
            elif kind == LOST:
                self.reported += struct.unpack_from('=QQ', data, at + 8)[1]
            at += size
        struct.pack_into('=Q', self.map, 1032, head)
        return out

    def _bytes(self, start, size):
        at = start % self.size
        first = self.map[PAGE + at:PAGE + min(at + size, self.size)]
        return first + self.map[PAGE:PAGE + size - len(first)]


class Rings:
    def __init__(self, session, pages=64):
        self.rings = [Ring(session.id, cpu, pages) for cpu in online_cpus()]

    def read(self):
        return [rec for ring in self.rings for rec in ring.read()]

    def lost(self):
        return sum(ring.lost() for ring in self.rings)

    def close(self):
        for ring in self.rings:
            ring.close()


def online_cpus():
    return sorted(os.sched_getaffinity(0))


def traced(script, work, seconds=0.0, pages=64, target=None, **kw):
    """Run script around work(): (session, records of rings, lost)."""
    s = Session(script, **kw)
    rings = Rings(s, pages)
    s.main()
    if target:
        s.target(**target)
    s.attach_all()
    s.start()
    if work:
        work()
    time.sleep(seconds)
    s.stop()
    s.end()
    got, lost = rings.read(), rings.lost()
    rings.close()
    return s, got, lost


# --- TAP ----------------------------------------------------------------------------------------

count, failed = 0, 0


def ok(what, good, note=''):
    global count, failed
    count += 1
    failed += not good
    print('%sok %d - %s' % ('' if good else 'not ', count, what))
    if not good and note != '':
        print('# ' + str(note).replace('\n', '\n# '))
    sys.stdout.flush()


def equal(what, got, want):
    ok(what, got == want, 'got  %r\nwant %r' % (got, want))


def run_tests(names):
    """Every function test_* of a test file; an exception is a failure, not an end."""
    for name, test in list(names.items()):
        if name.startswith('test_'):
            try:
                test()
            except Exception:
                ok(name, False, traceback.format_exc())
    print('1..%d' % count)
    sys.exit(failed > 0)
