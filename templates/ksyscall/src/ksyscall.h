/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef KSYSCALL_H
#define KSYSCALL_H

enum system_call { CALL_KILL, CALL_TGKILL };

/* A call that sends a signal, and what came of it. */
struct event {
	enum system_call call;
	int pid; /* who calls */
	int target; /* kill: a process, or a group with a minus; tgkill: a thread */
	int signal;
	int result; /* 0, or an error code with a minus */
	char comm[16];
};

#endif
