/* token FOLDER OPTIONS PROGRAM [ARGUMENT …]: runs a program as root of a user namespace of its own, in which nobody else
 * lives. In it a BPF file system is mounted on the folder. The real root delegates to it what OPTIONS says:
 * "delegate_cmds=any,delegate_progs=xdp:socket_filter". Without options there is no file system. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

enum { SET_STRING = 1, CREATE = 6, EMPTY_PATH = 4 };

static void check(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	exit(125);
}

static void send_fd(int channel, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	check(sendmsg(channel, &message, 0) != 1, "sendmsg");
}

static int receive_fd(int channel)
{
	char byte, control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	int fd;

	check(recvmsg(channel, &message, 0) != 1, "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

static void wait_for(int channel)
{
	char byte;

	check(read(channel, &byte, 1) != 1, "read");
}

static void write_map(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY);
	check(fd < 0 || write(fd, text, strlen(text)) < 0, path);
	close(fd);
}

static void in_namespace(int channel, char **argv)
{
	int fs, mount;

	check(prctl(PR_SET_PDEATHSIG, 9), "prctl");
	check(setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY), "setuid");
	check(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET), "unshare");
	/* A process that changes its user is not its own any more in /proc, where the maps are written. */
	check(prctl(PR_SET_DUMPABLE, 1), "prctl");
	check(write(channel, "", 1) != 1, "write");
	wait_for(channel);
	if (*argv[2]) {
		fs = syscall(SYS_fsopen, "bpf", 0);
		check(fs < 0, "fsopen");
		send_fd(channel, fs);
		wait_for(channel);
		mount = syscall(SYS_fsmount, fs, 0, 0);
		check(mount < 0, "fsmount");
		check(syscall(SYS_move_mount, mount, "", AT_FDCWD, argv[1], EMPTY_PATH), "move_mount");
	}
	execv(argv[3], argv + 3);
	check(1, argv[3]);
}

int main(int argc, char **argv)
{
	int channel[2], status, fs;
	pid_t child;

	if (argc < 4)
		return 125;
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), "socketpair");
	child = fork();
	check(child < 0, "fork");
	if (!child)
		in_namespace(channel[1], argv);
	close(channel[1]);
	wait_for(channel[0]);
	write_map(child, "uid_map", "0 65534 1");
	write_map(child, "gid_map", "0 65534 1");
	check(write(channel[0], "", 1) != 1, "write");
	if (*argv[2]) {
		fs = receive_fd(channel[0]);
		for (char *word = strtok(argv[2], ","); word; word = strtok(NULL, ",")) {
			char *value = strchr(word, '=');

			*value++ = 0;
			check(syscall(SYS_fsconfig, fs, SET_STRING, word, value, 0), word);
		}
		check(syscall(SYS_fsconfig, fs, CREATE, NULL, NULL, 0), "fsconfig");
		check(write(channel[0], "", 1) != 1, "write");
	}
	check(waitpid(child, &status, 0) != child, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
