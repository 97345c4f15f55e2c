/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef UPROBE_H
#define UPROBE_H

#define COMM_LEN 16

/* The user side gets this as a type as well: `event` of uprobe.skel.ts. */
struct event {
	int pid;
	_Bool by_hand; /* whether it is of a program that the user side has attached */
	_Bool returned; /* if it is false, the function has just been called */
	char comm[COMM_LEN];
	long long arguments[3]; /* for a call */
	long long result; /* for a return */
};

#endif
