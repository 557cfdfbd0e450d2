// SPDX-License-Identifier: GPL-2.0-only
/* Messages, memory, byte buffers and small parsers for the whole front end. */
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

bool pk_is_verbose;

static void message(const char *fmt, va_list ap)
{
	int saved = errno;

	/* What the script printed so far comes first when both go to one terminal. */
	fputs("perf-ktap: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	errno = saved;
}

void pk_err(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
}

void pk_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
}

void pk_verbose(const char *fmt, ...)
{
	va_list ap;

	if (!pk_is_verbose)
		return;
	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
}

static void *checked(void *p)
{
	if (!p) {
		fputs("perf-ktap: out of memory\n", stderr);
		exit(PK_EXIT_ATTACH);
	}
	return p;
}

void *pk_zalloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *pk_realloc(void *p, size_t size)
{
	return checked(realloc(p, size ? size : 1));
}

char *pk_strdup(const char *s)
{
	return checked(strdup(s));
}

char *pk_strndup(const char *s, size_t len)
{
	return checked(strndup(s, len));
}

char *pk_asprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return checked(s);
}

static void buf_room(struct pk_buf *b, size_t len)
{
	size_t need = b->len + len + 1, cap = b->cap ? b->cap : 256;

	if (need <= b->cap)
		return;
	while (cap < need)
		cap *= 2;
	b->data = pk_realloc(b->data, cap);
	b->cap = cap;
}

void pk_buf_add(struct pk_buf *b, const void *data, size_t len)
{
	buf_room(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void pk_buf_puts(struct pk_buf *b, const char *s)
{
	pk_buf_add(b, s, strlen(s));
}

void pk_buf_putc(struct pk_buf *b, char c)
{
	pk_buf_add(b, &c, 1);
}

void pk_buf_fill(struct pk_buf *b, char c, size_t n)
{
	buf_room(b, n);
	memset(b->data + b->len, c, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void pk_buf_printf(struct pk_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	buf_room(b, 64);
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= b->cap - b->len) {
		buf_room(b, (size_t)n);
		va_start(ap, fmt);
		n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
		if (n < 0)
			return;
	}
	b->len += (size_t)n;
}

void pk_buf_reset(struct pk_buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void pk_buf_free(struct pk_buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

int pk_read_file(const char *path, char **data, size_t *size)
{
	struct pk_buf b = { 0 };
	char chunk[16384];
	ssize_t n;
	int fd, err;

	fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = -errno;
			close(fd);
			pk_buf_free(&b);
			return err;
		}
		pk_buf_add(&b, chunk, (size_t)n);
	}
	close(fd);
	pk_buf_add(&b, "", 0);
	*data = b.data;
	*size = b.len;
	return 0;
}

__u64 pk_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * PK_NSEC_PER_SEC + (__u64)ts.tv_nsec;
}

struct unit {
	const char *name;
	__u64 factor;
};

static int parse_unit(const char *text, const struct unit *units, __u64 *value)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno)
		return -EINVAL;
	for (; units->name; units++) {
		if (strcasecmp(end, units->name))
			continue;
		if (__builtin_mul_overflow(n, units->factor, value))
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

int pk_parse_size(const char *text, __u64 *bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "k", 1ull << 10 },
		{ "kb", 1ull << 10 },
		{ "m", 1ull << 20 },
		{ "mb", 1ull << 20 },
		{ "g", 1ull << 30 },
		{ "gb", 1ull << 30 },
		{ NULL, 0 },
	};

	return parse_unit(text, units, bytes);
}

int pk_parse_duration(const char *text, __u64 *ns)
{
	static const struct unit units[] = {
		{ "", PK_NSEC_PER_SEC },
		{ "s", PK_NSEC_PER_SEC },
		{ "sec", PK_NSEC_PER_SEC },
		{ "ms", 1000000 },
		{ "us", 1000 },
		{ "ns", 1 },
		{ "m", 60 * PK_NSEC_PER_SEC },
		{ "min", 60 * PK_NSEC_PER_SEC },
		{ "h", 3600 * PK_NSEC_PER_SEC },
		{ NULL, 0 },
	};

	return parse_unit(text, units, ns);
}

int pk_parse_number(const char *text, long long min, long long max, long long *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	if (errno || end == text || *end || *value < min || *value > max)
		return -EINVAL;
	return 0;
}

size_t pk_char_at(const char *s, size_t len, unsigned int *width)
{
	mbstate_t state;
	wchar_t wc;
	size_t n;
	int w;

	*width = 1;
	if ((unsigned char)s[0] < 0x80)
		return 1;
	memset(&state, 0, sizeof(state));
	n = mbrtowc(&wc, s, len, &state);
	if (n == 0 || n > len)
		return 1;
	w = wcwidth(wc);
	if (w >= 0)
		*width = (unsigned int)w;
	return n;
}

unsigned int pk_display_width(const char *s, size_t len)
{
	unsigned int columns = 0, w;
	size_t n;

	while (len) {
		n = pk_char_at(s, len, &w);
		columns += w;
		s += n;
		len -= n;
	}
	return columns;
}
