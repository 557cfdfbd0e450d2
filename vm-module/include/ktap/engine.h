/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VM as its hosts see it: the module's sessions and perf-ktap's user engine.  Implemented in
 * vm-module/core, which calls the host back through core/platform.h.
 *
 * Life of a VM: create (load + verify), set_arg, main, point_create for each place an event comes
 * from, fire from any context, stop, end, destroy.  Only ktap_vm_fire() may run concurrently, and
 * only with itself; the host has detached every event before it calls end or destroy.
 */
#ifndef KTAP_ENGINE_H
#define KTAP_ENGINE_H

#ifndef __KERNEL__
#include <stddef.h>
#endif
#include <ktap/chunk.h>
#include <ktap/record.h>

struct ktap_vm;
struct ktap_point;

struct ktap_vm_conf {
	__u64 mem_bytes;	/* most memory the session may take; 0: 64 MiB */
	__u64 max_entries;	/* most pairs of one table; 0: no limit but memory */
	__u32 nr_cpus;		/* handlers run on CPUs 0 .. nr_cpus-1 */
	__u32 drop_on_overflow;	/* a full table drops and counts instead of an error */
	__u64 seed;		/* for the tables' hash; random */
	void *host;		/* given back by ktap_vm_host() */
};

/* Why a chunk was refused: KTAP_E_LOAD_ code, where, and the values of its text. */
struct ktap_load_error {
	__u32 code;
	__u32 proto;		/* KTAP_NONE: not in a prototype */
	__u32 pc;
	__u32 reserved;
	__s64 v[2];
};

enum ktap_vm_state {
	KTAP_VM_LOADED,		/* main has not run */
	KTAP_VM_RUNNING,	/* events are handled */
	KTAP_VM_EXIT,		/* exit() was called: trace_end is still due */
	KTAP_VM_ERROR,		/* script error: trace_end is still due */
	KTAP_VM_STOPPED,	/* stopped by the host */
};

/* How the bytes of a raw entry make a field. */
enum ktap_field_kind {
	KTAP_FK_NONE,		/* the event has no such field: nil */
	KTAP_FK_INT,		/* integer of 1, 2, 4 or 8 bytes */
	KTAP_FK_CHARS,		/* char array: string up to NUL or size */
	KTAP_FK_DATALOC,	/* u32 at offset: string at (low 16 bits), length (high 16 bits) */
	KTAP_FK_RELLOC,		/* the same, counted from the end of that u32 */
	KTAP_FK_COUNT
};

struct ktap_field {
	__u16 offset;		/* in the raw entry */
	__u16 size;		/* in bytes */
	__u8 kind;		/* enum ktap_field_kind */
	__u8 is_signed;
	__u16 reserved;
};

/* The task an event happened in.  comm is always terminated, and zero behind the terminator. */
struct ktap_task {
	__u32 pid;		/* process (thread group) */
	__u32 tid;
	__u32 uid;
	__u32 gid;
	__u32 ppid;
	char comm[16];
};

/* One event that happens now. */
struct ktap_occ {
	const void *raw;	/* the raw entry with the common fields, or NULL */
	__u32 raw_size;
	__u32 in_interrupt;	/* what in_interrupt() says */
	__u64 time_ns;		/* 0: ask the platform when somebody asks */
	__s32 cpu;		/* -1: the platform's */
	const void *host;	/* for the platform: registers, the sample, ... */
};

/* What is counted in a session; numbers only grow. */
struct ktap_vm_stats {
	__u64 handled;		/* handler runs that ended */
	__u64 emitted;		/* records given to the platform, split ones by part */
	__u64 missed;		/* events skipped: the context was in a handler already */
	__u64 busy;		/* events given up: an NMI met a lock of the handler it interrupted */
	__u64 dropped;		/* table writes dropped by drop_on_overflow */
	__u64 mem_bytes;	/* taken now */
	__u64 mem_peak;
};

/*
 * Verify a chunk and make a VM of it.  The chunk is copied.  Process context, may sleep.
 * Returns NULL with *err filled in.
 */
struct ktap_vm *ktap_vm_create(const struct ktap_vm_conf *conf, const void *chunk, size_t size,
			       struct ktap_load_error *err);
void ktap_vm_destroy(struct ktap_vm *vm);
void *ktap_vm_host(const struct ktap_vm *vm);

/* arg[index] = text, as a number where it is a decimal one.  Before main.  0 or -ENOMEM. */
int ktap_vm_set_arg(struct ktap_vm *vm, unsigned int index, const char *text);

/*
 * Run the main chunk, or the trace_end handlers in order of registration.  Process context.
 * Return the state after it: a script error is a state, not a return code.  main ends in RUNNING
 * unless the script failed or called exit().  end works in every state but LOADED and keeps it.
 */
enum ktap_vm_state ktap_vm_main(struct ktap_vm *vm);
enum ktap_vm_state ktap_vm_end(struct ktap_vm *vm);

/* No handler starts after this; those that run may still end.  Any context. */
void ktap_vm_stop(struct ktap_vm *vm);
enum ktap_vm_state ktap_vm_state(const struct ktap_vm *vm);
__s64 ktap_vm_exit_status(const struct ktap_vm *vm);
/* The script error of state ERROR (or of trace_end); code is 0 when there is none. */
void ktap_vm_error(const struct ktap_vm *vm, struct ktap_rec_error *err);
void ktap_vm_stats(const struct ktap_vm *vm, struct ktap_vm_stats *stats);

/* The chunk's tables, for the host that resolves and reports.  NULL beyond the end. */
unsigned int ktap_vm_nr_events(const struct ktap_vm *vm);
unsigned int ktap_vm_nr_fields(const struct ktap_vm *vm);
/* Whether main has reached event i's block. */
int ktap_vm_registered(const struct ktap_vm *vm, unsigned int event);

/*
 * A place events of chunk event `event` come from; number is what records call it, name is argname,
 * fields has ktap_vm_nr_fields() entries (copied).  Process context.  NULL: no memory, or a bad
 * argument.  Points live until destroy or until the host frees them after the last fire.
 */
struct ktap_point *ktap_vm_point_create(struct ktap_vm *vm, unsigned int event, __u32 number,
					const char *name, const struct ktap_field *fields);
void ktap_vm_point_free(struct ktap_point *point);

/*
 * Run the handlers of point for occ.  Any context up to NMI, preemption off.  Never sleeps, never
 * faults.  Does nothing when the VM is not RUNNING.
 */
void ktap_vm_fire(struct ktap_point *point, const struct ktap_occ *occ);

/* Free what handlers left to be freed and fill the pool up.  Process context, may sleep. */
void ktap_vm_maintain(struct ktap_vm *vm);

/*
 * A read-only view of a chunk, for tools: checks it as ktap_vm_create() does, without a VM.
 * Strings are terminated.  Accessors return NULL or 0 beyond the end.
 */
struct ktap_view;
struct ktap_view *ktap_view_open(const void *chunk, size_t size, struct ktap_load_error *err);
void ktap_view_close(struct ktap_view *view);
/* Entries of a section, already in host order in these structs' __u32 views. */
unsigned int ktap_view_count(const struct ktap_view *view, enum ktap_sect sect);
const char *ktap_view_str(const struct ktap_view *view, __u32 str, size_t *len);
const char *ktap_view_name(const struct ktap_view *view);	/* the script's file name */
int ktap_view_const(const struct ktap_view *view, __u32 i, struct ktap_chunk_const *out);
int ktap_view_proto(const struct ktap_view *view, __u32 i, struct ktap_chunk_proto *out);
int ktap_view_upval(const struct ktap_view *view, __u32 i, struct ktap_chunk_upval *out);
int ktap_view_field(const struct ktap_view *view, __u32 i, struct ktap_chunk_field *out);
int ktap_view_event(const struct ktap_view *view, __u32 i, struct ktap_chunk_event *out);
__u32 ktap_view_insn(const struct ktap_view *view, __u32 i);	/* i counts in CODE */
__u32 ktap_view_pos(const struct ktap_view *view, __u32 i);	/* KTAP_POS() of insn i */
__u32 ktap_view_global(const struct ktap_view *view, __u32 i);	/* string index */

#endif
