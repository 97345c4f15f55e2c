/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef UPROBE_H
#define UPROBE_H

#define COMM_LEN 16

/* The user side gets this as a type too: `event` of uprobe.skel.ts. */
struct event {
	int pid;
	_Bool by_hand; /* of the programs that the user side attached to a function it chose */
	_Bool returned; /* false: the function has just been called */
	char comm[COMM_LEN];
	long long arguments[3]; /* of a call */
	long long result; /* of a return */
};

#endif
