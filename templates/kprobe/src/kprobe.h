/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef KPROBE_H
#define KPROBE_H

struct event {
	int pid;
	int result; /* at the return: 0, or a negative error code */
	_Bool left; /* if it is false, the function was entered, and filename is set */
	char comm[16];
	char filename[256];
};

#endif
