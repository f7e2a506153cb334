#!/bin/sh
# SPDX-License-Identifier: MIT
# Puts the root of the helper's image together: what is compiled here, and from the machine's own
# Debian packages the tools with just the shared libraries that they load. No base image.
#   collect.sh ROOT    the folder to fill; it must not be there
# Needs clang, libbpf-dev, libelf-dev, zlib1g-dev, nettle-dev, nftables, dnsmasq-base. What the helper
# is linked with of nettle, dnsmasq brings along in any case.
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)
kernel=$here/../monitor/sensors/syscalls/kernel
egress=$here/../monitor/egress/kernel
gvisor=$here/../monitor/sensors/gvisor/receiver

case $(uname -m) in
x86_64) target=x86 ;;
aarch64) target=arm64 ;;
*)
	echo "The helper is built on x86-64 and arm64, not on $(uname -m)." >&2
	exit 1
	;;
esac

umask 022
mkdir "$root"
mkdir -p "$root/usr/lib/sentra" "$root/usr/sbin" "$root/etc" "$root/run/sentra-helper" \
	"$root/dev" "$root/proc" "$root/sys" "$root/tmp"

clang -O2 -Wall -Wextra -Werror -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -pie \
	-Wl,-z,relro,-z,now "$here"/source/*.c -o "$root/usr/lib/sentra/sentra-helper" -lnettle
clang -O2 -Wall -Wextra -Werror "$kernel/loader.c" -o "$root/usr/lib/sentra/sentra-syscalls" \
	-lbpf -lelf -lz
clang -O2 -Wall -Wextra -Werror "$egress/wall-reader.c" -o "$root/usr/lib/sentra/sentra-walls"
clang -O2 -Wall -Wextra -Werror "$egress/wall-probe.c" -o "$root/usr/lib/sentra/sentra-wall-probe"
clang -O2 -Wall -Wextra -Werror "$egress/hold.c" -o "$root/usr/lib/sentra/sentra-holds"
clang -O2 -Wall -Wextra -Werror "$egress/explain.c" -o "$root/usr/lib/sentra/sentra-explains"
clang -O2 -Wall -Wextra -Werror "$egress/loose-log.c" -o "$root/usr/lib/sentra/sentra-loose-log"
clang -O2 -Wall -Wextra -Werror "$gvisor/receiver.c" -o "$root/usr/lib/sentra/sentra-gvisor" -lpthread
clang -O2 -g -Wall -Werror -target bpf -mcpu=v3 -D__TARGET_ARCH_$target \
	"-I/usr/include/$(uname -m)-linux-gnu" -c "$kernel/syscalls.bpf.c" \
	-o "$root/usr/lib/sentra/syscalls.bpf.o"

cp -L /usr/sbin/nft /usr/sbin/dnsmasq "$root/usr/sbin/"
printf 'root:x:0:0::/:/none\nnobody:x:65534:65534::/:/none\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files\n' >"$root/etc/nsswitch.conf"

# Libraries stand where the programs look for them, the loader of programs among them.
for program in "$root"/usr/sbin/* "$root"/usr/lib/sentra/sentra-*; do
	ldd "$program"
done | sed -n 's|^.*[[:space:]]\(/[^ ]*\) (0x[0-9a-f]*)$|\1|p' | sort -u | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done

find "$root" -type f -exec chmod a-w {} +
