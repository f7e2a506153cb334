import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../engine/capabilities.ts';
import { asRoot } from '../../engine/privilege.ts';
import { dyingServer, enginelessPerson, expectSimulation } from './engineless.ts';

describeWith(['root'], 'On a machine whose engine was killed', () => {
  test('the simulator is shown, though the usual socket is still there.', () => {
    const person = enginelessPerson();
    onTestFinished(() => person.leave());
    // In a /run of its own: what runs on this machine keeps its socket.
    const script = 'mount -t tmpfs none /run; "$0" -e "$1" /run/docker.sock; shift; exec "$@"';
    const apart = ['unshare', '--mount', 'sh', '-c', script, process.execPath, dyingServer];
    const ended = person.watch(['--for', '1s'], {}, asRoot(apart));
    expectSimulation(ended);
    expect(ended.stderr).toContain('unix:///var/run/docker.sock (usual socket of Docker):');
  });
});
