/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TAP for unit tests: each check prints one line; the last statement of main() is
 * `return done();`, which prints the plan and is not zero when a check failed.  A program that dies
 * before prints no plan, and the runner counts that as a failure.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

static inline void tap_line(int pass, const char *fmt, va_list ap)
{
	printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	tap_failed += !pass;
}

/* Each of the three checks gives back whether it passed. */
__attribute__((format(printf, 2, 3))) static inline int ok(int pass, const char *name, ...)
{
	va_list ap;

	va_start(ap, name);
	tap_line(pass, name, ap);
	va_end(ap);
	return pass;
}

__attribute__((format(printf, 3, 4))) static inline int is_int(long long got, long long want,
							       const char *name, ...)
{
	va_list ap;

	va_start(ap, name);
	tap_line(got == want, name, ap);
	va_end(ap);
	if (got != want)
		printf("# got %lld (0x%llx), want %lld (0x%llx)\n", got, got, want, want);
	return got == want;
}

/* NULL equals only NULL. */
__attribute__((format(printf, 3, 4))) static inline int is_str(const char *got, const char *want,
							       const char *name, ...)
{
	int pass = got && want ? !strcmp(got, want) : got == want;
	va_list ap;

	va_start(ap, name);
	tap_line(pass, name, ap);
	va_end(ap);
	if (!pass)
		printf("# got '%s', want '%s'\n", got ? got : "(null)", want ? want : "(null)");
	return pass;
}

static inline void skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, why);
}

static inline int done(void)
{
	printf("1..%d\n", tap_count);
	fflush(stdout);
	return tap_failed != 0;
}

#endif
