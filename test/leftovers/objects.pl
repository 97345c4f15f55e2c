# Prints the kernel's BPF programs and links, one a line: kind, id, name. Needs root. Arguments: the number of the
# system call bpf. Every Debian has perl-base, and calls it without a compiler, which the stages at the beginning are
# to do without.
use strict;
use warnings;

my ($call) = map { int } @ARGV;
# Numbers of the commands that name the next object and open one, and where its name lies in what the kernel tells.
my %kinds = (prog => [11, 13, 64], link => [31, 30, undef]);
my $info_by_fd = 15;

for my $kind (sort keys %kinds) {
    my ($next, $open, $name_at) = @{ $kinds{$kind} };
    for (my $id = 0;;) {
        my $attr = pack('L x124', $id);
        last if syscall($call, $next, $attr, 128) != 0;
        $id = unpack('x4 L', $attr);
        print "$kind $id ", (defined $name_at ? name($open, $id, $name_at) : ''), "\n";
    }
    # What ends the list is that there is no next one.
    die "bpf: $!\n" if $! && !$!{ENOENT};
}

sub name {
    my ($open, $id, $at) = @_;
    my $attr = pack('L x124', $id);
    my $fd = syscall($call, $open, $attr, 128);
    return '' if $fd < 0;
    my $info = "\0" x ($at + 16);
    my $ask = pack('L L P x112', $fd, length $info, $info);
    syscall($call, $info_by_fd, $ask, 128);
    require POSIX;
    POSIX::close($fd);
    return unpack("x$at Z16", $info);
}
