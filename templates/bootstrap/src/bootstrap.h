/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef BOOTSTRAP_H
#define BOOTSTRAP_H

#define COMM_LEN 16
#define FILENAME_LEN 127

/* The user side gets this as a type as well: `event` of bootstrap.skel.ts. */
struct event {
	int pid;
	int ppid;
	unsigned int exit_code; /* as wait(2) gives it: the signal is in the low 7 bits, the status in bits 8 to 15 */
	_Bool exited; /* if it is false, the process has just begun to run filename */
	unsigned long long duration_ns; /* from exec to exit; 0 if the start was not seen */
	char comm[COMM_LEN];
	char filename[FILENAME_LEN];
};

#endif
