/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef KPROBE_H
#define KPROBE_H

struct event {
	int pid;
	int result; /* when it is left: 0, or an error code with a minus */
	_Bool left; /* false: the function was entered, with filename */
	char comm[16];
	char filename[256];
};

#endif
