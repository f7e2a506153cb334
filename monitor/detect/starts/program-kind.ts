/**
 * Programs by what they do, told by the path of the file that really runs. A process can choose its
 * name and not that path; whether the file is still the image's own is for the caller to ask.
 */
const shells =
  /^(?:\/usr)?(?:\/local)?\/bin\/(?:ba|da|z|k|mk|a|fi|tc|c)?sh$|^(?:\/usr)?\/bin\/busybox$/;

const interpreters =
  /\/(?:python|pypy|perl|ruby|node|nodejs|deno|bun|php|lua|tclsh|java|pwsh|Rscript)[\d.]*$/;

/** They start whatever they are told to: a shell beneath one of these says nothing about it. */
const launchers = new RegExp(
  '/(?:env|xargs|find|make|gmake|ninja|cmake|sudo|su|doas|setpriv|runuser|timeout|nice|nohup|setsid|' +
    'time|watch|flock|script|tini|dumb-init|s6-svscan|s6-supervise|supervisord|cron|crond|ssh|sshd|git|' +
    'gcc|g\\+\\+|cc|rsync|tar|man|less|vim|vi|nano|tmux|screen|parallel|start-stop-daemon|init|systemd|' +
    'unshare|chroot|strace|gdb|bwrap|containerd-shim[-\\w]*|runc|docker-init)[\\d.]*$',
);

/** They make programs by right: linkers and compilers, package managers. */
const builders = new RegExp(
  '/(?:ld|ld\\.bfd|ld\\.gold|ld\\.lld|lld|mold|collect2|gcc|g\\+\\+|clang|clang\\+\\+|tcc|rustc|cargo|go|' +
    '[-\\w]*-linux-gnu-(?:ld[.\\w]*|gcc(?:-\\d+)?|g\\+\\+(?:-\\d+)?)|ghc|ocamlopt|javac|' +
    'dpkg|apt|apt-get|rpm|dnf|yum|microdnf|apk|pacman|zypper|pip\\d*|uv|npm|pnpm|yarn|gem|conda)[\\d.]*$',
);

/** Whether it reads commands from whoever writes to it. */
export function isShell(program: string): boolean {
  return shells.test(program);
}

/** Whether it runs programs written in a language. */
export function isInterpreter(program: string): boolean {
  return interpreters.test(program);
}

/** Whether starting other programs is what it is for. */
export function isLauncher(program: string): boolean {
  return launchers.test(program) || builders.test(program);
}

/** The folder where anybody may put a file: `/tmp`, `/dev/shm`; undefined for any other place. */
export function looseFolder(program: string): string | undefined {
  return /^\/(?:tmp|var\/tmp|dev\/shm|dev\/mqueue|run|var\/run)(?=\/)/.exec(program)?.[0];
}
