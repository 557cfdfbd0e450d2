// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ktapvm: one open file is one session, its ioctls are <ktap/abi.h>.
 *
 * This file moves arguments between user and kernel memory and takes the session's lock; what a
 * call means is in session.c and attach.c.  Arguments are copied in once, whole, before anything
 * looks at them.  Descriptors pass between processes, so nothing here trusts the caller to be the
 * one that opened the device; its permission was checked then.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include "attach.h"
#include "device.h"
#include "session.h"

union argument {
	struct ktap_abi_version version;
	struct ktap_abi_load load;
	struct ktap_abi_target target;
	struct ktap_abi_run run;
	struct ktap_abi_attach attach;
	struct ktap_abi_stats stats;
};

struct call {
	unsigned int cmd;
	bool unlocked; /* works while MAIN or END runs */
	int (*run)(struct kp_session *s, union argument *arg);
};

static int call_version(struct kp_session *s, union argument *arg)
{
	arg->version = (struct ktap_abi_version){
		.abi = KTAP_ABI_VERSION,
		.bytecode = KTAP_BYTECODE_VERSION,
		.record = KTAP_RECORD_VERSION,
	};
	return 0;
}

static int call_load(struct kp_session *s, union argument *arg)
{
	return kp_session_load(s, &arg->load);
}

static int call_target(struct kp_session *s, union argument *arg)
{
	return kp_session_target(s, &arg->target);
}

static int call_main(struct kp_session *s, union argument *arg)
{
	return kp_session_main(s, &arg->run);
}

static int call_attach(struct kp_session *s, union argument *arg)
{
	return kp_attach_add(s, &arg->attach);
}

static int call_start(struct kp_session *s, union argument *arg)
{
	return kp_session_start(s);
}

static int call_stop(struct kp_session *s, union argument *arg)
{
	return kp_session_stop(s);
}

static int call_end(struct kp_session *s, union argument *arg)
{
	return kp_session_end(s, &arg->run);
}

static int call_stats(struct kp_session *s, union argument *arg)
{
	return kp_session_stats(s, &arg->stats);
}

static int call_abort(struct kp_session *s, union argument *arg)
{
	return kp_session_abort(s);
}

static const struct call calls[] = {
	{ KTAP_IOC_VERSION, true, call_version }, { KTAP_IOC_LOAD, false, call_load },
	{ KTAP_IOC_TARGET, false, call_target },  { KTAP_IOC_MAIN, false, call_main },
	{ KTAP_IOC_ATTACH, false, call_attach },  { KTAP_IOC_START, false, call_start },
	{ KTAP_IOC_STOP, false, call_stop },	  { KTAP_IOC_END, false, call_end },
	{ KTAP_IOC_STATS, true, call_stats },	  { KTAP_IOC_ABORT, true, call_abort },
};

static const struct call *find_call(unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].cmd == cmd)
			return &calls[i];
	return NULL;
}

static int run_call(struct kp_session *s, const struct call *call, union argument *arg)
{
	int ret;

	if (call->unlocked)
		return call->run(s, arg);
	if (mutex_lock_interruptible(&s->lock))
		return -EINTR;
	ret = call->run(s, arg);
	mutex_unlock(&s->lock);
	return ret;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long user)
{
	const struct call *call = find_call(cmd);
	union argument arg;
	int ret;

	if (!call)
		return -ENOTTY;
	memset(&arg, 0, sizeof(arg));
	if (_IOC_DIR(cmd) & _IOC_WRITE && copy_from_user(&arg, (void __user *)user, _IOC_SIZE(cmd)))
		return -EFAULT;
	ret = run_call(file->private_data, call, &arg);
	/* EBADMSG has an explanation with it */
	if (_IOC_DIR(cmd) & _IOC_READ && (!ret || ret == -EBADMSG) &&
	    copy_to_user((void __user *)user, &arg, _IOC_SIZE(cmd)))
		return -EFAULT;
	return ret;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct kp_session *s;

	if (!capable(CAP_SYS_ADMIN) && !perfmon_capable())
		return -EPERM;
	s = kp_session_open();
	if (IS_ERR(s))
		return PTR_ERR(s);
	file->private_data = s;
	return stream_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	kp_session_close(file->private_data);
	return 0;
}

static ssize_t device_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct kp_session *s = file->private_data;

	return kp_stream_read(&s->stream, to, size, file->f_flags & O_NONBLOCK);
}

static __poll_t device_poll(struct file *file, poll_table *wait)
{
	struct kp_session *s = file->private_data;

	return kp_stream_poll(&s->stream, file, wait);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.poll = device_poll,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KTAP_DEVICE_NAME,
	.mode = 0600,
	.fops = &device_fops,
};

int kp_device_init(void)
{
	return misc_register(&device);
}

void kp_device_exit(void)
{
	misc_deregister(&device);
}
