/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/ktapvm. */
#ifndef KP_DEVICE_H
#define KP_DEVICE_H

int kp_device_init(void);
void kp_device_exit(void);

#endif
