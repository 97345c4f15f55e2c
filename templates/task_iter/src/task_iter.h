/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef TASK_ITER_H
#define TASK_ITER_H

#define MAX_DEPTH 32

struct task_row {
	int pid; /* the process, as user space calls it: the kernel's tgid */
	int tid; /* the thread: the kernel's pid */
	unsigned int state; /* TASK_RUNNING, …, and EXIT_ZOMBIE, … */
	int depth; /* of the stack, in addresses; 0 if it could not be read */
	char comm[16];
	unsigned long long stack[MAX_DEPTH]; /* where in the kernel the thread is, innermost first */
};

#endif
