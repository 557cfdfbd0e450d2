// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process 1 of the guest: static, the only program of the initramfs.
 *
 * Inserts the modules of /modules in the order of /modules/order, puts a tmpfs and the payload (what
 * this run delivers, unpacked from its own cpio) over the read-only root file system, runs
 * /ktap/tests/vm/guest.sh in there, reaps orphans, and tells the host the exit status.  In place of
 * a shell, busybox and udev: this is what makes the boot short.
 *
 * Ports of virtio-serial, by number: 1 stdout, 2 stderr, 3 status.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	printf("ktap-init: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void mnt(const char *dev, const char *dir, const char *type, unsigned long flags,
		const char *data)
{
	mkdir(dir, 0755);
	if (mount(dev, dir, type, flags, data))
		die(dir);
}

static void insert_modules(void)
{
	char name[256], path[300];
	FILE *order = fopen("/modules/order", "r");

	if (!order)
		die("/modules/order");
	while (fscanf(order, "%255s", name) == 1) {
		int fd;

		snprintf(path, sizeof(path), "/modules/%s", name);
		fd = open(path, O_RDONLY);
		/* ENODEV: it drives what this machine does not have. */
		if (fd < 0 ||
		    (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST && errno != ENODEV))
			die(path);
		close(fd);
	}
	fclose(order);
}

/* Devices appear a little after their drivers. */
static int open_wait(const char *path, int flags)
{
	int fd, tries;

	for (tries = 0; tries < 1000; tries++) {
		fd = open(path, flags);
		if (fd >= 0)
			return fd;
		usleep(10000);
	}
	die(path);
	return -1;
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("lo");
	close(fd);
}

static void enter_root(void)
{
	close(open_wait("/dev/vda", O_RDONLY));
	mnt("/dev/vda", "/ro", "ext4", MS_RDONLY, "noload");
	mnt("tmpfs", "/rw", "tmpfs", 0, NULL);
	mkdir("/rw/upper", 0755);
	mkdir("/rw/work", 0755);
	mkdir("/payload", 0755);
	mnt("overlay", "/root", "overlay", 0,
	    "lowerdir=/payload:/ro,upperdir=/rw/upper,workdir=/rw/work");
	if (mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) || chdir("/root") ||
	    mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("root");
	mnt("proc", "/proc", "proc", 0, NULL);
	mnt("sysfs", "/sys", "sysfs", 0, NULL);
	mnt("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	mnt("tmpfs", "/dev/shm", "tmpfs", 0, NULL);
	mnt("devpts", "/dev/pts", "devpts", 0, NULL);
	mnt("tmpfs", "/tmp", "tmpfs", 0, NULL);
	mnt("tmpfs", "/run", "tmpfs", 0, NULL);
}

static pid_t start(int interactive)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	if (interactive) {
		int tty = open("/dev/ttyS0", O_RDWR);

		ioctl(tty, TIOCSCTTY, 1);
		dup2(tty, 0);
		dup2(tty, 1);
		dup2(tty, 2);
	} else {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(open_wait("/dev/vport0p1", O_WRONLY), 1);
		dup2(open_wait("/dev/vport0p2", O_WRONLY), 2);
	}
	execl("/bin/sh", "sh", "/ktap/tests/vm/guest.sh", (char *)NULL);
	_exit(127);
}

int main(int argc, char **argv)
{
	int interactive = getenv("ktap_shell") != NULL;
	int status = 0, code;
	pid_t pid, got;

	mnt("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	insert_modules();
	loopback_up();
	enter_root();
	pid = start(interactive);
	if (pid < 0)
		die("fork");
	while ((got = wait(&status)) != pid)
		if (got < 0 && errno != EINTR)
			die("wait");
	code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	/* What is still running could print for ever, or hold a module. */
	kill(-1, SIGKILL);
	while (wait(NULL) > 0)
		;
	dprintf(open_wait("/dev/vport0p3", O_WRONLY), "%d\n", code);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
