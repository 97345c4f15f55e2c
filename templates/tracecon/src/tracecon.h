/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef TRACECON_H
#define TRACECON_H

#define COMM_LEN 16
#define HOST_LEN 128

/* The user side gets this as a type as well: `event` of tracecon.skel.ts. */
struct event {
	int pid;
	char comm[COMM_LEN];
	char host[HOST_LEN]; /* empty if the process did not look up the address */
	unsigned char address[4]; /* in the order in which it is written */
	unsigned short port;
};

#endif
