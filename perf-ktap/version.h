/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of ktap; the build may set it from git. */
#ifndef PK_VERSION_H
#define PK_VERSION_H

#ifndef KTAP_VERSION
#define KTAP_VERSION "1.0-dev"
#endif

#endif
