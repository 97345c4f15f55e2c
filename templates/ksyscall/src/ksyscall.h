/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef KSYSCALL_H
#define KSYSCALL_H

enum system_call { CALL_KILL, CALL_TGKILL };

/* A call that sends a signal, and its result. */
struct event {
	enum system_call call;
	int pid; /* the process that calls */
	int target; /* for kill a process, or a process group as a negative number; for tgkill a thread */
	int signal;
	int result; /* 0, or a negative error code */
	char comm[16];
};

#endif
