/*
 * Runs one cell in a guest and reports it on stdout as frames: "@frame KIND LENGTH\n", LENGTH bytes, "\n".
 *
 *   runner DIRECTORY [SCRATCH]
 *
 * With a SCRATCH folder the kernel is taken to be shared with others: its log is left alone and leftovers are not
 * looked for. The directory holds the cell, a file for each part:
 *   name      what the report calls it
 *   argv      the program and its arguments, each ended by NUL
 *   env       NAME=value, each ended by NUL
 *   setup     shell commands run before                                   (may be absent)
 *   ready     extended regular expressions, one a line, that all must match the output before the trigger runs
 *   trigger   shell commands run while the program runs, again every second until ...  (may be absent)
 *   until     ... all of these expressions match the output
 *   cleanup   shell commands run when the program has ended                (may be absent)
 *   stop      number of the signal that ends the program; 0: it ends by itself
 *   timeout   seconds from start to end; 8 more when all of them have passed before the signal
 *
 * Frames: begin (the name), stdout, stderr, shell (output of setup, trigger and cleanup), log (kernel log of the
 * cell), left (a line for each BPF object or probe that was not there before), end (name=value lines).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_OUTPUT = 4 << 20, MAX_IDS = 1024, MAX_ARGS = 64, POLL_MS = 20, GRACE_MS = 8000, SETTLE_MS = 10000 };

static const char *cell;
/* Where the outputs are kept. */
static const char *scratch = "/run";
/* The kernel is not ours alone: its log and what others attach are no business of the cell. */
static int shared;

static char *in_scratch(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", scratch, name) < 0)
		abort();
	return path;
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* The first MAX_OUTPUT bytes of a file, ended by NUL; empty if there is none. */
static char *slurp(const char *path, size_t *length)
{
	char *text = malloc(MAX_OUTPUT + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got;

	if (!text)
		abort();
	while (fd >= 0 && used < MAX_OUTPUT && (got = read(fd, text + used, MAX_OUTPUT - used)) > 0)
		used += got;
	if (fd >= 0)
		close(fd);
	text[used] = 0;
	if (length)
		*length = used;
	return text;
}

static char *part(const char *name, size_t *length)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", cell, name);
	return slurp(path, length);
}

static void frame(const char *kind, const char *bytes, size_t length)
{
	printf("@frame %s %zu\n", kind, length);
	fwrite(bytes, 1, length, stdout);
	putchar('\n');
	fflush(stdout);
}

static void frame_output(const char *kind)
{
	size_t length;
	char *path = in_scratch(kind), *bytes = slurp(path, &length);

	frame(kind, bytes, length);
	unlink(path);
	free(bytes);
	free(path);
}

/* Whether every line of `expressions` matches stdout or stderr of the program. */
static int matched(char *expressions)
{
	static const char *const names[] = { "stdout", "stderr" };
	char *texts[2], *copy = strdup(expressions), *rest = copy, *line;
	int all = 1;

	for (int i = 0; i < 2; i++) {
		size_t length;
		char *path = in_scratch(names[i]);

		texts[i] = slurp(path, &length);
		free(path);
		for (size_t j = 0; j < length; j++)
			if (!texts[i][j])
				texts[i][j] = ' ';
	}
	while (all && (line = strsep(&rest, "\n"))) {
		regex_t re;

		if (!*line)
			continue;
		if (regcomp(&re, line, REG_EXTENDED | REG_NOSUB | REG_NEWLINE)) {
			all = 0;
			break;
		}
		all = !regexec(&re, texts[0], 0, NULL, 0) || !regexec(&re, texts[1], 0, NULL, 0);
		regfree(&re);
	}
	free(texts[0]);
	free(texts[1]);
	free(copy);
	return all;
}

static void redirect(const char *name, int fd)
{
	int file = open(in_scratch(name), O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
	close(file);
}

/* Starts a process with default signals, in a session of its own, its output in files. */
static pid_t start(char **argv, const char *out, const char *err)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (dup2(open("/dev/null", O_RDONLY), 0) < 0)
		_exit(126);
	redirect(out, 1);
	redirect(err, 2);
	execv(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Waits for a process until a time. 0: it is still running. */
static int ended(pid_t pid, int *status, long long deadline)
{
	for (;;) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return 1;
		if (now_ms() >= deadline)
			return 0;
		sleep_ms(POLL_MS);
	}
}

/* Runs a part of the cell as a shell script; 0 when it is absent or succeeds before the deadline. */
static int shell(const char *name, long long deadline)
{
	char path[256];
	char *argv[] = { "/bin/sh", path, NULL };
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s", cell, name);
	if (access(path, F_OK))
		return 0;
	pid = start(argv, "shell", "shell");
	if (!ended(pid, &status, deadline)) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return status;
}

struct ids {
	__u32 id[MAX_IDS];
	int count;
};

struct kind {
	const char *name;
	int next, open;
};

static const struct kind kinds[] = {
	{ "prog", BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID },
	{ "map", BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID },
	{ "link", BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID },
};

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static void list_ids(const struct kind *kind, struct ids *ids)
{
	union bpf_attr attr;

	ids->count = 0;
	memset(&attr, 0, sizeof(attr));
	while (ids->count < MAX_IDS && !bpf(kind->next, &attr)) {
		ids->id[ids->count++] = attr.next_id;
		attr.start_id = attr.next_id;
	}
}

static int has(const struct ids *ids, __u32 id)
{
	for (int i = 0; i < ids->count; i++)
		if (ids->id[i] == id)
			return 1;
	return 0;
}

static void describe(const struct kind *kind, __u32 id, FILE *out)
{
	union bpf_attr attr;
	__u32 words[64] = { 0 };
	const char *name = "";
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	fd = bpf(kind->open, &attr);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(words);
	attr.info.info = (__u64)(unsigned long)words;
	if (fd >= 0 && !bpf(BPF_OBJ_GET_INFO_BY_FD, &attr)) {
		if (kind->open == BPF_PROG_GET_FD_BY_ID)
			name = ((struct bpf_prog_info *)words)->name;
		else if (kind->open == BPF_MAP_GET_FD_BY_ID)
			name = ((struct bpf_map_info *)words)->name;
	}
	fprintf(out, "%s %u type %u %s\n", kind->name, id, words[0], name);
	if (fd >= 0)
		close(fd);
}

/* The probes that libbpf makes through tracefs on kernels without the perf interface for them. */
static const char *const probes[] = { "/sys/kernel/tracing/kprobe_events", "/sys/kernel/tracing/uprobe_events" };

struct state {
	struct ids ids[3];
	char *probes[2];
};

static void survey(struct state *state)
{
	for (int i = 0; i < 3; i++)
		list_ids(&kinds[i], &state->ids[i]);
	for (int i = 0; i < 2; i++)
		state->probes[i] = slurp(probes[i], NULL);
}

/* What is there now and was not before. The kernel frees objects after a grace period, hence some patience. */
static char *leftovers(const struct state *before, size_t *length)
{
	static struct state after;
	long long deadline = now_ms() + SETTLE_MS;
	char *text = NULL;

	for (;;) {
		FILE *out = open_memstream(&text, length);

		survey(&after);
		for (int i = 0; i < 3; i++)
			for (int j = 0; j < after.ids[i].count; j++)
				if (!has(&before->ids[i], after.ids[i].id[j]))
					describe(&kinds[i], after.ids[i].id[j], out);
		for (int i = 0; i < 2; i++) {
			if (strcmp(before->probes[i], after.probes[i]))
				fprintf(out, "%s: %s\n", probes[i], after.probes[i]);
			free(after.probes[i]);
		}
		fclose(out);
		if (!*length || now_ms() >= deadline)
			return text;
		free(text);
		sleep_ms(5 * POLL_MS);
	}
}

/* The words of a part, each ended by NUL. */
static void split(const char *name, char **words)
{
	size_t length;
	char *text = part(name, &length);
	int count = 0;

	for (char *at = text; at < text + length && count < MAX_ARGS - 1; at += strlen(at) + 1)
		words[count++] = at;
	words[count] = NULL;
}

/* What became of the program before it was told to stop. */
static const char *watch(pid_t pid, int *status, int stop, long long deadline)
{
	char *ready = part("ready", NULL), *until = part("until", NULL);
	long long again = 0;

	while (!matched(ready)) {
		if (ended(pid, status, 0))
			return matched(ready) && !stop ? "ok" : "exited";
		if (now_ms() >= deadline)
			return "not-ready";
		sleep_ms(POLL_MS);
	}
	do {
		if (now_ms() >= again) {
			if (shell("trigger", deadline))
				return "trigger-failed";
			again = now_ms() + 1000;
		}
		if (ended(pid, status, 0))
			return !stop ? "ok" : "exited";
		if (stop && matched(until))
			return "seen";
		sleep_ms(POLL_MS);
	} while (now_ms() < deadline);
	return stop ? "not-seen" : "not-ended";
}

static int read_taint(void)
{
	char *text = slurp("/proc/sys/kernel/tainted", NULL);
	int value = atoi(text);

	free(text);
	return value;
}

int main(int argc, char **argv)
{
	static struct state before;
	static char log[MAX_OUTPUT];
	char *words[MAX_ARGS], *variables[MAX_ARGS], *name, *left, number[16];
	size_t length, left_length;
	const char *outcome;
	int status = -1, stop, taint, logged;
	long long begun, deadline, asked;
	pid_t pid;

	if (argc != 2 && argc != 3)
		return 2;
	cell = argv[1];
	if (argc == 3) {
		scratch = argv[2];
		shared = 1;
	}
	name = part("name", &length);
	frame("begin", name, length);
	split("env", variables);
	for (int i = 0; variables[i]; i++)
		putenv(variables[i]);
	split("argv", words);
	stop = atoi(part("stop", NULL));
	if (!shared) {
		survey(&before);
		klogctl(5, NULL, 0);
	}
	taint = read_taint();
	begun = now_ms();
	deadline = begun + 1000LL * atoi(part("timeout", NULL));

	if (shell("setup", deadline)) {
		outcome = "setup-failed";
	} else {
		pid = start(words, "stdout", "stderr");
		snprintf(number, sizeof(number), "%d", pid);
		setenv("CELL_PID", number, 1);
		outcome = watch(pid, &status, stop, deadline);
		if (strcmp(outcome, "ok") && strcmp(outcome, "exited")) {
			asked = now_ms();
			kill(pid, stop ? stop : SIGTERM);
			if (!ended(pid, &status, asked + GRACE_MS > deadline ? asked + GRACE_MS : deadline)) {
				outcome = "not-stopped";
				kill(pid, SIGKILL);
				waitpid(pid, &status, 0);
			} else if (!strcmp(outcome, "seen")) {
				outcome = "ok";
			}
		}
		kill(-pid, SIGKILL);
	}
	if (shell("cleanup", now_ms() + GRACE_MS) && !strcmp(outcome, "ok"))
		outcome = "cleanup-failed";
	frame_output("stdout");
	frame_output("stderr");
	frame_output("shell");
	if (!shared) {
		left = leftovers(&before, &left_length);
		frame("left", left, left_length);
		logged = klogctl(4, log, sizeof(log));
		frame("log", log, logged > 0 ? logged : 0);
	}
	length = snprintf(log, sizeof(log), "outcome=%s\nexit=%d\nsignal=%d\nms=%lld\ntaint=%d\n", outcome,
			  status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1,
			  status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0, now_ms() - begun,
			  read_taint() & ~taint);
	frame("end", log, length);
	return 0;
}
