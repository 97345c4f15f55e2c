/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef EXECVE_H
#define EXECVE_H

/* Both sides use this type: the user side writes one as a pattern, and reads those that arrive. */
struct event {
	int pid;
	int ppid;
	char comm[16];
	char message[32];
};

#endif
