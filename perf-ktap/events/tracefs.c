// SPDX-License-Identifier: GPL-2.0-only
/* Finds, mounts and reads tracefs. */
#include "tracefs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../util.h"

#define MOUNT_POINT "/sys/kernel/tracing"

static const char *const places[] = { MOUNT_POINT, "/sys/kernel/debug/tracing" };
static const char *root;

/* A mount point that is there but not mounted is an empty directory. */
static bool is_tracefs(const char *dir, int *err)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/events", dir);
	if (!access(path, R_OK | X_OK))
		return true;
	if (errno != ENOENT)
		*err = -errno;
	return false;
}

int pk_tracefs_init(char *err, size_t err_size)
{
	int ret = -ENOENT;

	if (root)
		return 0;
	for (unsigned int i = 0; i < PK_ARRAY_SIZE(places); i++) {
		if (is_tracefs(places[i], &ret)) {
			root = places[i];
			return 0;
		}
	}
	if (ret == -EACCES || geteuid() != 0) {
		snprintf(err, err_size,
			 "cannot read " MOUNT_POINT ": root is needed (or tracefs mounted readable "
			 "for you and CAP_PERFMON)");
		return -EACCES;
	}
	if (mount("none", MOUNT_POINT, "tracefs", 0, NULL) == 0) {
		pk_verbose("mounted tracefs on " MOUNT_POINT);
		if (is_tracefs(MOUNT_POINT, &ret)) {
			root = MOUNT_POINT;
			return 0;
		}
	}
	ret = errno ? -errno : -ENOENT;
	snprintf(err, err_size,
		 "tracefs is not mounted and cannot be (%s); try: mount -t tracefs none %s%s",
		 strerror(-ret), MOUNT_POINT,
		 ret == -ENODEV ? " (this kernel was built without tracing)" : "");
	return ret;
}

int pk_tracefs_events(char **text, size_t *size)
{
	char path[128];

	if (!root)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/available_events", root);
	return pk_read_file(path, text, size);
}

int pk_tracefs_format(const char *system, const char *name, char **text, size_t *size)
{
	char path[512];

	if (!root)
		return -ENOENT;
	if ((size_t)snprintf(path, sizeof(path), "%s/events/%s/%s/format", root, system, name) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	return pk_read_file(path, text, size);
}

int pk_tracefs_printk_formats(char **text, size_t *size)
{
	char path[128];

	if (!root)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/printk_formats", root);
	return pk_read_file(path, text, size);
}
