/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The chunk: a compiled script as a file and as what LOAD takes.  Little-endian, every section
 * aligned to 4 bytes, the same bytes on every machine.  Documentation/bytecode.md describes it.
 */
#ifndef KTAP_CHUNK_H
#define KTAP_CHUNK_H

#include <ktap/bytecode.h>

#define KTAP_CHUNK_MAGIC "\x7fKTP"	/* 4 bytes, without the terminator */
#define KTAP_NONE 0xffffffffu		/* "no string" and the like */

enum ktap_sect {
	KTAP_SECT_BYTES,	/* string bytes; count is in bytes */
	KTAP_SECT_STRS,		/* struct ktap_chunk_str */
	KTAP_SECT_CONSTS,	/* struct ktap_chunk_const */
	KTAP_SECT_PROTOS,	/* struct ktap_chunk_proto; 0 is main */
	KTAP_SECT_CODE,		/* __le32 instructions of all prototypes */
	KTAP_SECT_LINES,	/* __le32 an instruction: KTAP_POS() of its source; same count as CODE */
	KTAP_SECT_UPVALS,	/* struct ktap_chunk_upval, padded to 4 bytes at the end */
	KTAP_SECT_GLOBALS,	/* __le32 string index: name */
	KTAP_SECT_FIELDS,	/* struct ktap_chunk_field */
	KTAP_SECT_EVENTS,	/* struct ktap_chunk_event */
	KTAP_SECT_COUNT
};

/* Most entries a section may have. */
#define KTAP_MAX_BYTES (1 << 20)
#define KTAP_MAX_STRS 65535
#define KTAP_MAX_CONSTS 65535
#define KTAP_MAX_PROTOS 16384
#define KTAP_MAX_CODE (1 << 20)
#define KTAP_MAX_UPVALS_ALL 65535
#define KTAP_MAX_GLOBALS 16384
#define KTAP_MAX_FIELDS 4096
#define KTAP_MAX_EVENTS 4096
#define KTAP_MAX_CHUNK (8 << 20)	/* bytes of a whole chunk */

struct ktap_chunk_sect {
	__le32 offset;		/* from the start of the chunk */
	__le32 count;
};

struct ktap_chunk_header {
	__u8 magic[4];
	__le16 version;		/* KTAP_BYTECODE_VERSION */
	__le16 header_size;	/* sizeof(struct ktap_chunk_header) */
	__le32 size;		/* bytes of the whole chunk */
	__le32 checksum;	/* FNV-1a, 32 bit, of all bytes behind this word */
	__le32 flags;		/* must be 0 */
	__le32 name;		/* string: the script's file name, for messages */
	struct ktap_chunk_sect sect[KTAP_SECT_COUNT];
};

/* A string: bytes in BYTES; a NUL that is not counted follows the last byte. */
struct ktap_chunk_str {
	__le32 offset;
	__le32 len;		/* at most KTAP_MAX_STR */
};

struct ktap_chunk_const {
	__le32 type;		/* KTAP_T_NUM or KTAP_T_STR */
	__le32 str;		/* string index, for KTAP_T_STR; else 0 */
	__le32 lo, hi;		/* the number, two's complement; else 0 */
};

struct ktap_chunk_proto {
	__le32 code;		/* first instruction in CODE */
	__le32 ncode;		/* at least 1 */
	__le32 upval;		/* first entry in UPVALS */
	__u8 nupval;
	__u8 nparam;		/* at most nregs */
	__u8 nregs;		/* 1 .. KTAP_MAX_REGS */
	__u8 flags;		/* must be 0 */
	__le32 name;		/* string, or KTAP_NONE */
	__le32 pos;		/* KTAP_POS() of the definition */
};

/* Where CLOSURE takes an upvalue from. */
enum ktap_upval_kind {
	KTAP_UP_REG,		/* register of the maker (a value, or a box) */
	KTAP_UP_UP,		/* upvalue of the maker, box not opened */
	KTAP_UP_SELF,		/* the new function itself; idx is 0 */
	KTAP_UP_COUNT
};

struct ktap_chunk_upval {
	__u8 kind;
	__u8 idx;
};

/* A field that a handler names or numbers.  Position counts the event's fields from 1 without the
 * common_ ones; the compiler has already applied the script's argument base. */
struct ktap_chunk_field {
	__le32 name;		/* string, or KTAP_NONE when position is used */
	__le32 position;	/* 1.., or 0 when name is used */
	__le32 event;		/* the event whose block uses it, or KTAP_NONE: any */
	__le32 pos;		/* KTAP_POS() of its first use */
};

enum ktap_event_kind {
	KTAP_EV_TRACE,		/* trace DEF /FILTER/ { } */
	KTAP_EV_TICK,		/* tick-N: one CPU */
	KTAP_EV_PROFILE,	/* profile-N: every CPU */
	KTAP_EV_END,		/* trace_end { } */
	KTAP_EV_COUNT
};

/* What the handler needs from its event; hints for the engine, not trusted by it. */
#define KTAP_EVF_ENTRY 1	/* the raw entry: argevent */
#define KTAP_EVF_FIELDS 2	/* fields by name or number */
#define KTAP_EVF_STACK 4	/* the kernel stack */
#define KTAP_EVF_USTACK 8	/* the user stack */

struct ktap_chunk_event {
	__le32 kind;		/* enum ktap_event_kind */
	__le32 flags;		/* KTAP_EVF_ */
	__le32 def;		/* string: text between "trace" and the filter or "{"; "tick-1s"; KTAP_NONE for END */
	__le32 filter;		/* string without the slashes, or KTAP_NONE */
	__le32 pos;		/* KTAP_POS() of def */
};

/* A source position: line from 1, column from 1 in bytes (0: unknown; 4095: that or beyond). */
#define KTAP_POS(line, col) ((__u32)(line) << 12 | (__u32)(col))
#define KTAP_POS_LINE(pos) ((pos) >> 12)
#define KTAP_POS_COL(pos) ((pos) & 0xfff)

#endif
