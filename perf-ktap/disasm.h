/* SPDX-License-Identifier: GPL-2.0-only */
/* A chunk as text, for people. */
#ifndef PK_DISASM_H
#define PK_DISASM_H

#include <stdio.h>
#include <ktap/engine.h>

void pk_disasm(FILE *f, const struct ktap_view *view);

#endif
