import type { HelpTopic } from './command.ts';

const overview = `Sentra watches agents in containers, learns what is normal for each, flags what is
not, and contains it under your policy.

  sentra watch                 watch the engine found on this machine
  sentra status                what the running monitor sees, once
  sentra findings              what is not normal
  sentra pause CONTAINER       freeze, and cut off from all networks
  sentra quarantine CONTAINER  cut off from all networks, keep running
  sentra kill CONTAINER        end all its processes at once
  sentra resume CONTAINER      thaw
  sentra release CONTAINER     give back all that was taken
  sentra acknowledge FINDING   it is normal: learn it
  sentra budget [N]            false alarms borne of one container and day, and set them
  sentra retention             how long and how much is kept, and set it
  sentra policy check FILE     say what a policy file means, or what is wrong with it
  sentra egress …              where a container may talk to: see, allow, deny, prove
  sentra syscalls CONTAINER    what it calls now, against what it did before
  sentra processes CONTAINER   the newest process starts, as a tree
  sentra replay FILE           judge a recording again
  sentra helper …              a container of Sentra's own, for what takes root on the engine's host
  sentra gvisor                how containers under gVisor are seen from their first instruction on
  sentra disarm                take Sentra's hands off everything; what is held is let go
  sentra help COMMAND          more about one command
  sentra version

CONTAINER is a name, a compose service, or at least 4 digits of an id.
Exit codes: 0 done, 1 failed or not proved, 2 not understood, 3 no monitor runs.
`;

const shared = `  --engine URL     which monitor, where several run: the address of its engine
  --json           JSON lines rather than sentences
`;

const actOptions = `${shared}
Prints what was done and the proof read back from the engine. Exit code 0 means proved.
`;

const topics: Readonly<Record<HelpTopic, string>> = {
  watch: `sentra watch [options]
Watches containers until Ctrl-C: a live table on a terminal, else one line an event. If a monitor of
yours watches the same engine already, shows what that one sees.

If no engine runs, says so, runs the embedded simulator and marks everything SIMULATED. Not so where
you named the engine (--engine, DOCKER_HOST or DOCKER_CONTEXT), or where one is there and does not
let you in or does not answer in time: that is an error, with what to do.

  --engine URL     for example unix:///run/docker.sock; without it, found as the docker CLI does
  --policy FILE    a policy file; read again whenever it changes
  --learn TIME     how long a new container is learned, for example 10m
  --interval TIME  from reading to reading, 100ms to 2s; 1s without it
  --state DIR      where the record is kept
  --simulate       watch the embedded simulator
  --by-api         read resource use through the engine's API, not from cgroup files
  --record FILE    write down all that the detectors are handed; sentra replay judges it again
  --for TIME       end after that, with a summary; for example 30s
  --json           one JSON object a line, with its "type"

TIME is a number with ms, s, m or h.
`,
  status: `sentra status [options]
Shows once what the running monitor sees.

${shared}`,
  findings: `sentra findings [options]
Lists open findings, newest first.

  --all            those that are over, too
${shared}`,
  pause: `sentra pause CONTAINER [options]
Freezes all its processes and detaches it from all networks. Undone by release.

${actOptions}`,
  kill: `sentra kill CONTAINER [options]
Ends all its processes at once. What they have not saved is lost. It is held down: started again, it
is frozen, until released.

  --yes            do not ask
${actOptions}`,
  quarantine: `sentra quarantine CONTAINER [options]
Detaches it from all networks; it keeps running. Undone by release.

${actOptions}`,
  resume: `sentra resume CONTAINER [options]
Lets its processes run again. Its networks stay as they are.

${actOptions}`,
  release: `sentra release CONTAINER [options]
Gives back what containing it took: processes, networks, restart policy, limits.

${actOptions}`,
  acknowledge: `sentra acknowledge FINDING [options]
Says that you hold an open finding normal. It stays open while it lasts, and what it shows is
learned. What is judged by the container's history is then not found again; what takes a machine
down (runaways, floods, restart loops, out of memory) is. FINDING is CONTAINER/KIND
(web/sustained-cpu), CONTAINER alone where only one is open, or an id from findings --json.
Where none is open that fits, the latest upload (sustained-upload) is meant: it is learned even if
it is over, and that cannot be taken back.

  --undo           take back either: it is not learned any more, and counts no more
  --false          it was a false alarm: counted against the budget, even if it is over
${shared}`,
  budget: `sentra budget [N] [options]
Shows how many false alarms of one container and day you bear (1 unless set), and for each workload
what that comes to: what is expected by its own history, what it was, and what may be claimed so
far. With N, 0.01 to 100, sets it first. The budget is for what is unusual (levels, system calls,
DNS names); runaways, floods, escapes and open walls are told in any case. Fewer false alarms mean
that more is only recorded.

${shared}`,
  retention: `sentra retention [options]
Shows how long and how much the running monitor keeps; with an option, sets it first. What happened
and hourly samples are kept for the days, finer samples for two weeks and six hours at most. Beyond
the size the oldest goes first. What is shortened is dropped at once and cannot be had back.

  --days N         1 to 3650
  --megabytes N    16 to 900
${shared}`,
  policy: `sentra policy check FILE
Prints what the policy says, in words; or each problem as FILE:LINE:COLUMN: what is wrong.
`,
  egress: `sentra egress list CONTAINER             mode, rules, and where it talked to lately
sentra egress mode CONTAINER MODE        off, observe, ask or enforce: see below
sentra egress allow CONTAINER TARGET     let it through
sentra egress deny CONTAINER TARGET      refuse it, flows that are under way included
sentra egress remove CONTAINER TARGET    take the rules about it out of the list
sentra egress undo CONTAINER             take the last change of the list back
sentra egress held                       what is held until you answer, and the rules on offer
sentra egress held ID allow [N]          let it through, by the offered rule N; 1 if left out
sentra egress held ID deny [N]           refuse it, by the offered rule N
sentra egress held ID refuse             refuse it once, without a rule
sentra egress held ID defer              refuse it, and do not ask again until you answer
sentra egress lockdown                   cut all watched containers off, those to come included
sentra egress lift                       end that: the lists hold again
sentra egress erase [WORKLOAD]           erase the record of where it, or all, talked to
sentra egress prove CONTAINER            try to get out past the wall
sentra egress learn CONTAINER            the fewest rules that cover what was seen, to accept
sentra egress preset                     what can be used by name: package registries, git, models
sentra egress preset show NAME           its rules
sentra egress preset use CONTAINER NAME  its rules hold for the container, as a profile
sentra egress export CONTAINER [FILE]    the list as JSON, a line for each rule
sentra egress import CONTAINER FILE      a file in place of the list: all of it, or nothing
sentra egress preview CONTAINER [FILE]   what the list, or that file, would have refused in a day

MODE observe, which holds where nobody chose another, counts what goes where and refuses nothing;
off leaves its network untouched. In ask and enforce nothing leaves but what is allowed. What no
rule decides about enforce refuses at once; ask holds it for two minutes at most, until you answer:
allowed in time, that very connection comes up. Refused once, it may be asked about again after a
minute. ID is as egress held shows it; a beginning is enough, but what follows a dash belongs to
it: it stands for the ports that are asked about.

TARGET is example.com (that name alone), *.example.com (all below it), an address, or a range such
as 10.0.0.0/8 or 2001:db8::/32. Rules belong to the workload: the image with the compose service or
name. Works where Sentra is root on the engine's own Linux host, with the packages nftables and
dnsmasq-base, or has its helper there.

A lock down changes no list and outlasts the monitor. Who reaches a container from outside still
gets an answer. What no wall can be put up before is named, and the exit code is 1.

What is erased is one row for each destination and hour, and is gone from the file. What was
learned of it, and findings that tell of it, stay. WORKLOAD is a container, or the key that
list --json shows.

A preset becomes a profile when it is first used; a profile may be shared by several workloads, and
is changed in the window. A file is JSON of at most 3 MB or YAML of at most 256 KB, and is read from
the standard input where it is "-".

  --port N         that port alone; without a protocol, of TCP and UDP
  --protocol P     tcp or udp
  --local          the name may lead to private addresses
  --for SPAN       once: until its first use is over; 15m; container: until it stops; image: until
                   it is made of another image; ever (the default). A rule that is over while no
                   monitor runs is taken out when the next one starts
  --note TEXT      words to keep with the rule
  --yes            erase: do not ask
  --hours N        learn: from so many hours back, 1 to 192; 24 if left out
  --accept LINES   learn: take these, such as 1,3-5 or all, and ask nothing
${shared}`,
  syscalls: `sentra syscalls CONTAINER [options]
Shows which system calls a container makes: those of the last ten seconds against the time before,
as long as this monitor has watched it, and the rare calls one by one. Live on a terminal until
Ctrl-C; else once. Where nothing counts system calls it says why, and what to do.

  --for TIME       go on for so long, once a second; for example 30s
${shared}`,
  processes: `sentra processes CONTAINER [options]
Shows the newest process starts of a container as a tree, with what they were started with. Live
on a terminal until Ctrl-C; else once. What was running before Sentra watched is not in it.

  --for TIME       go on for so long, once a second; for example 30s
${shared}`,
  helper: `sentra helper install              ask, then start the helper on the engine's host
sentra helper status               whether it runs
sentra helper remove               end and remove it, image and all

Where Sentra is not root, it counts system calls and guards egress by a helper: a container of its
own, which is root on the engine's host. It says so and asks before it installs it. A monitor starts
it again when it dies, and renews it when Sentra is. An engine on this Linux machine is reached by a
socket. For one in a virtual machine the helper listens on a port of this machine's loopback, and
answers the monitor alone that started it, by a key that is in no file.

  --yes            the question is answered
  --port           install: by a port, even where the engine's own address is a socket here
  --engine URL     the engine's address; without it, found as the docker CLI does
  --json           JSON lines rather than sentences
`,
  gvisor: `sentra gvisor [options]           from when on containers under gVisor are seen, and what to do
sentra gvisor install [options]   write the file by which they tell from their first instruction on
sentra gvisor remove [options]    remove it again

What a container under gVisor does is seen from a moment after its start on. To see it from the
first instruction on, the engine's configuration has to name a file that Sentra writes as root. The
command prints exactly what to add there, and never changes the configuration itself. A container
starts in any case: untraced where no monitor runs as root, and at most 3 s late where its receiver
stands still.

${shared}`,
  disarm: `sentra disarm [options]
Takes Sentra's hands off everything. Lists first what it finds and asks; then lets go what the
record says that Sentra holds, takes away walls, resolvers and gate, the helper, and what starts
Sentra with your session, and reads the networks back. Containers that are paused, cut off or
limited after that are named with the docker command that frees them.

Works without a monitor (beside one it declines: use the window's Settings, or stop it first), and
without a record: walls are found by the names of their tables. As root: of this machine; else, by
the helper: of its engine. Lists, policy and record stay.

  --yes            the question is answered
  --state DIR      where the record is kept, if not in the usual place
  --engine URL     the engine; without it, found as the docker CLI does
  --json           JSON lines rather than sentences
`,
  replay: `sentra replay FILE [--json]
Judges again what watch --record has recorded, and prints what is found in it: the same as was told
then, unless this Sentra judges otherwise. Needs no engine. A recording holds the commands that were
run in the containers, with their arguments.
`,
};

/** The help for one command, or the overview. */
export function helpText(about: HelpTopic | undefined): string {
  return about === undefined ? overview : topics[about];
}
