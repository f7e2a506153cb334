import { execFileSync, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { findWallProgram } from '../../../../monitor/egress/wall/wall-program.ts';
import { createWallReader, type SpaceKey } from '../../../../monitor/egress/wall/wall-reader.ts';
import { startLineProcess } from '../../../../monitor/runtime/line-process.ts';
import { ok } from '../../../../monitor/runtime/result.ts';
import { describeWith } from '../../../engine/capabilities.ts';

const own: SpaceKey = { pid: process.pid, inode: statSync('/proc/self/ns/net').ino };

/** A network of its own, with so many addresses in a set that is called as a wall's. */
async function network(addresses: number): Promise<SpaceKey> {
  const child = spawn('unshare', ['--net', 'sleep', '120']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  const inode = (): number => statSync(`/proc/${pid}/ns/net`).ino;
  await expect.poll(inode).not.toBe(own.inode);
  const elements = Array.from(
    { length: addresses },
    (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  );
  const space = { pid, inode: inode() };
  change(
    space,
    `table inet sentra {
counter total { }
set nx { type ipv4_addr; flags timeout; timeout 1h; elements = { ${elements.join(', ')} } }
}`,
  );
  return space;
}

function change({ pid }: SpaceKey, ruleset: string): void {
  const nft = ['-t', String(pid), '-n', 'nft', '-f', '-'];
  execFileSync('nsenter', nft, { input: `${ruleset}\n` });
}

/**
 * Writes to the netlink socket that the process with that number makes first, as it does for itself: a
 * counter without a type, and the end of a list, as answers to each of its first hundred questions.
 */
const forger = `import socket,struct,sys
name=struct.pack("HH7sx",11,1,b"sentra")
counter=struct.pack("BBH",1,0,0)+name+struct.pack("HH",4,4|0x8000)
def message(kind,number,body): return struct.pack("IHHII",16+len(body),kind,2,number,0)+body
texts=[message(10<<8|18,n,counter)+message(3,n,bytes(4)) for n in range(1,101)]
s=socket.socket(socket.AF_NETLINK,socket.SOCK_RAW,12)
while True:
  for text in texts:
    try: s.sendto(text,(int(sys.argv[1]),0))
    except OSError: pass
`;

describeWith(['root', 'kernel-sensor'], 'The reader of walls', () => {
  test('does not read more than any wall holds, and goes on to the others.', async () => {
    const space = await network(1_000_000);
    const reader = createWallReader();
    const [reply, other] = await Promise.all([reader.read(space), reader.read(own)]);
    expect(!reply.ok && reply.error).toContain('more than those of any wall');
    expect(other.ok).toBe(true);
    await reader.close();
  });

  test('takes nobody’s word but the kernel’s.', async () => {
    const space = await network(20_000);
    const path = findWallProgram('sentra-walls');
    if (!path.ok) throw new Error(path.error);
    const program = startLineProcess(path.value);
    const reader = createWallReader(() => ok(program));
    const forging = ['-t', String(space.pid), '-n', 'python3', '-c', forger];
    const child = spawn('nsenter', [...forging, String(program.pid)]);
    onTestFinished(() => void child.kill('SIGKILL'));
    for (let look = 0; look < 20; look++) {
      // What has changed is read whole.
      change(space, `add counter inet sentra c${look}`);
      const reply = await reader.read(space);
      // Who writes so much that the kernel's own word is lost may have it that nothing is known.
      if (!reply.ok) expect(reply.error).toMatch(/No buffer space|more than those of any wall/);
      else expect(reply.value.rules?.elements).toHaveLength(20_000);
    }
    expect((await reader.read(own)).ok).toBe(true);
    await reader.close();
  });
});
