/* SPDX-License-Identifier: GPL-2.0-only */
/* What every file of the front end needs: messages, memory, byte buffers, small parsers. */
#ifndef PK_UTIL_H
#define PK_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define PK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PK_NSEC_PER_SEC 1000000000ull

/* Exit statuses, as promised in the manual. */
enum pk_exit {
	PK_EXIT_OK = 0,
	PK_EXIT_USAGE = 1, /* usage and compile errors */
	PK_EXIT_SCRIPT = 2, /* the script failed while it ran */
	PK_EXIT_ATTACH = 3, /* tracing could not start */
};

/* Messages to stderr, "perf-ktap: " in front, newline behind.  errno is kept. */
void pk_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void pk_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void pk_verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern bool pk_is_verbose;

/* Memory.  Out of memory ends the program: the kernel takes down what it has attached. */
void *pk_zalloc(size_t size);
void *pk_realloc(void *p, size_t size);
char *pk_strdup(const char *s);
char *pk_strndup(const char *s, size_t len);
char *pk_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A growing string of bytes; data is terminated once something was added. */
struct pk_buf {
	char *data;
	size_t len, cap;
};
void pk_buf_add(struct pk_buf *b, const void *data, size_t len);
void pk_buf_puts(struct pk_buf *b, const char *s);
void pk_buf_putc(struct pk_buf *b, char c);
void pk_buf_fill(struct pk_buf *b, char c, size_t n);
void pk_buf_printf(struct pk_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pk_buf_reset(struct pk_buf *b);
void pk_buf_free(struct pk_buf *b);

/* The whole file, or all of stdin for "-".  0 or -errno; *data is terminated, free() it. */
int pk_read_file(const char *path, char **data, size_t *size);

/* CLOCK_MONOTONIC in nanoseconds: the clock of every event and record. */
__u64 pk_now_ns(void);

/* "64M" and the like; "10s" and the like (s without a unit).  0 or -EINVAL. */
int pk_parse_size(const char *text, __u64 *bytes);
int pk_parse_duration(const char *text, __u64 *ns);
/* A decimal number in min..max, nothing behind it. */
int pk_parse_number(const char *text, long long min, long long max, long long *value);

/* Columns the bytes take on a terminal; bytes that are no text count one each. */
unsigned int pk_display_width(const char *s, size_t len);
/* Bytes and columns of the character at s; what is no character is one byte and one column. */
size_t pk_char_at(const char *s, size_t len, unsigned int *width);

#endif
