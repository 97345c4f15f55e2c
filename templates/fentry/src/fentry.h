/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef FENTRY_H
#define FENTRY_H

struct event {
	int pid;
	int result; /* when it is left: 0, or an error code with a minus */
	_Bool left; /* false: the function was entered */
	char comm[16];
	char filename[256];
};

#endif
