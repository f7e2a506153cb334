# Makes the tar file of a test image's root: IMAGE FILE OWNER PACKAGES WORK. Runs as root in a mount and
# process namespace of its own, so nothing of it outlives it.
set -eu
image=$1 file=$2 owner=$3 packages=$4 work=$5

# In memory when there is plenty: the package manager waits for the disk after every file.
mkdir "$work"
trap 'cd /; umount "$work" 2>/dev/null || true; rm -rf "$work"' EXIT
available=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
if [ "$available" -gt 4000000 ]; then
  mount -t tmpfs -o size=2g,mode=755 tmpfs "$work"
fi
root=$work/root

case $image in
busybox)
  mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/proc" "$root/sys" "$root/dev" "$root/www"
  chmod 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for applet in $("$root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  ;;
debian)
  if ! debootstrap --variant=minbase --include="$packages" bookworm "$root" >"$work/log" 2>&1; then
    tail -n 20 "$work/log" >&2
    exit 1
  fi
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/locale/*
  rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/*
  ;;
*)
  echo "There is no test image named $image." >&2
  exit 2
  ;;
esac

tar --numeric-owner -C "$root" -cf "$file" .
chown "$owner" "$file"
