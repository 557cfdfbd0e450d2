/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/ktapvm: what perf-ktap and ktapvm.ko say to each other.  One open file is one session.
 * Reserved fields must be zero.  Documentation/abi.md describes each call.
 *
 * Life of a session: VERSION, LOAD, open the rings (perf events of PMU "ktap", config = session
 * id, one a CPU), MAIN, ATTACH..., START, STOP, END, close.  Close does whatever is missing.
 *
 * Records of handlers come in the rings.  Records of MAIN and END come by read() from the file,
 * whole records back to back (EINVAL: not even one fits); a full buffer makes MAIN and END wait for
 * the reader, so they are called from another thread than the one that reads.  poll() works; after
 * END and the last record, read() says 0 and poll() POLLHUP.
 *
 * A call out of order is EINVAL or EBUSY and changes nothing.
 */
#ifndef KTAP_ABI_H
#define KTAP_ABI_H

#include <linux/ioctl.h>
#include <ktap/engine.h>

#define KTAP_ABI_VERSION 1
#define KTAP_DEVICE_NAME "ktapvm"
#define KTAP_PMU_NAME "ktap"
#define KTAP_NAME_MAX 64	/* with the terminator */
#define KTAP_MAX_ARGV 1024	/* script arguments */
#define KTAP_MAX_ARG_BYTES (256 << 10)

struct ktap_abi_version {
	__u32 abi;		/* KTAP_ABI_VERSION */
	__u32 bytecode;		/* KTAP_BYTECODE_VERSION */
	__u32 record;		/* KTAP_RECORD_VERSION */
	__u32 reserved;
};

struct ktap_abi_load {
	__u64 chunk;		/* in: address */
	__u32 chunk_size;	/* in */
	__u32 flags;		/* in: KTAP_LOADF_ */
	__u64 args;		/* in: address of nr_args terminated strings back to back */
	__u32 args_size;	/* in: bytes with the terminators */
	__u32 nr_args;		/* in: arg[0] .. arg[nr_args-1] */
	__u64 mem_bytes;	/* in: 0: default */
	__u64 max_entries;	/* in: 0: no limit */
	__u32 session;		/* out: id, the config of the ring events */
	__u32 reserved;
	struct ktap_load_error error;	/* out, with errno EBADMSG */
};
#define KTAP_LOADF_DROP 1	/* drop table writes on overflow */
#define KTAP_LOADF_DRY 2	/* attach, but run no handler */
#define KTAP_LOADF_TRACE_SELF 4	/* also events of the process that owns the session */

/* Which tasks and CPUs are traced.  None set: everything. */
struct ktap_abi_target {
	__u64 pids;		/* in: address of nr_pids process ids (__u32) */
	__u32 nr_pids;
	__u32 flags;		/* KTAP_TARGETF_ */
	__u64 cpus;		/* in: address of a bit mask, little-endian words of 64 bits; 0: all */
	__u32 cpus_size;	/* in: bytes */
	__u32 reserved;
};
#define KTAP_TARGETF_INHERIT 1	/* children made later are traced too */
#define KTAP_TARGETF_ON_EXEC 2	/* a pid counts from its next exec on */

enum ktap_attach_kind {
	KTAP_ATTACH_TRACEPOINT,	/* system, name, id */
	KTAP_ATTACH_TICK,	/* period_ns; fires whatever task is running */
	KTAP_ATTACH_PROFILE,	/* period_ns; on each CPU, where the target's task is running */
	KTAP_ATTACH_COUNT
};

struct ktap_abi_attach {
	__u32 kind;		/* enum ktap_attach_kind */
	__u32 event;		/* chunk event */
	__u32 number;		/* point number in records; unique in the session */
	__u32 flags;		/* KTAP_EVF_ of what this event's handler needs */
	__u64 id;		/* tracepoint id of tracefs */
	__u64 period_ns;
	__u64 fields;		/* in: address of struct ktap_field, one for each of the chunk's fields */
	__u32 nr_fields;
	__u32 reserved;
	char system[KTAP_NAME_MAX];
	char name[KTAP_NAME_MAX];	/* also argname */
};

struct ktap_abi_run {
	__u32 state;		/* out: enum ktap_vm_state */
	__u32 reserved;
};

struct ktap_abi_stats {
	__u32 state;		/* enum ktap_vm_state */
	__u32 points;		/* attached */
	__s64 exit_status;	/* of exit(n) */
	struct ktap_vm_stats vm;
	__u64 ring_records;	/* records handed to the rings; those the rings refused are in
				 * PERF_FORMAT_LOST and in PERF_RECORD_LOST */
	__u64 no_ring;		/* records lost because the CPU had no ring */
	__u64 reserved[4];
	struct ktap_rec_error error;	/* code 0: none */
};

#define KTAP_IOC_VERSION _IOR('k', 0, struct ktap_abi_version)
#define KTAP_IOC_LOAD _IOWR('k', 1, struct ktap_abi_load)
/* Once, before the first ATTACH.  ESRCH: there is no such process.  Pids are the caller's. */
#define KTAP_IOC_TARGET _IOW('k', 2, struct ktap_abi_target)
#define KTAP_IOC_MAIN _IOWR('k', 3, struct ktap_abi_run)
/*
 * Between MAIN and START.  ENXIO: main did not reach this event's block, nothing is attached, nothing
 * is wrong.  EEXIST: the number is taken.  EOPNOTSUPP: perf may not have this event.  EINVAL, ENOENT:
 * there is no such event, or the arguments are wrong.
 */
#define KTAP_IOC_ATTACH _IOW('k', 4, struct ktap_abi_attach)
#define KTAP_IOC_START _IO('k', 5)
#define KTAP_IOC_STOP _IO('k', 6)	/* detaches everything, waits for running handlers */
#define KTAP_IOC_END _IOWR('k', 7, struct ktap_abi_run)	/* after STOP, or does it */
#define KTAP_IOC_STATS _IOR('k', 8, struct ktap_abi_stats)
/* Makes a running MAIN or END stop with INTERRUPTED.  ESRCH: none is running (yet). */
#define KTAP_IOC_ABORT _IO('k', 9)

#endif
