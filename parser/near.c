// SPDX-License-Identifier: GPL-2.0-only
/* "Did you mean": edit distance in which a swap of neighbours counts as one edit. */
#include "parser.h"

#include <string.h>

#define LONGEST 63

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Distance of a (la bytes) and b (lb bytes), both at most LONGEST. */
static unsigned int distance(const char *a, size_t la, const char *b, size_t lb)
{
	unsigned int rows[3][LONGEST + 1], *prev2 = rows[0], *prev = rows[1], *cur = rows[2], *t;
	size_t i, j;

	for (j = 0; j <= lb; j++)
		prev[j] = j;
	for (i = 1; i <= la; i++) {
		cur[0] = i;
		for (j = 1; j <= lb; j++) {
			unsigned int d = prev[j - 1] + (a[i - 1] != b[j - 1]);

			d = least(d, least(prev[j], cur[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, prev2[j - 2] + 1);
			cur[j] = d;
		}
		t = prev2;
		prev2 = prev;
		prev = cur;
		cur = t;
	}
	return prev[lb];
}

const char *ktap_nearest(const char *name, const char *const *names, unsigned int nr)
{
	size_t len = strlen(name);
	/* A third of the letters may be wrong; one letter of a name of two is not a typo. */
	unsigned int best = len < 3 ? 1 : len / 3 + 1, i;
	const char *found = NULL;

	if (len > LONGEST)
		return NULL;
	for (i = 0; i < nr; i++) {
		size_t l = strlen(names[i]);
		unsigned int d;

		if (l > LONGEST || l + best < len || len + best < l)
			continue;
		d = distance(name, len, names[i], l);
		if (d < best || (d == best && len >= 3 && !found)) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
