import { connect } from 'node:net';
import { createLinePort } from '../../../../monitor/rpc/socket/line-port.ts';
import { proveOneself } from '../../../../monitor/rpc/socket/peer-challenge.ts';
import { createMonitorClient } from '../../../../monitor/rpc/client.ts';

/**
 * Run as another user by control-socket.test.ts: goes straight for the socket, without the checks of
 * a client that means well, and tries to have a container killed. Prints how far it came.
 */
const [address = '', folder = ''] = process.argv.slice(2);
const socket = connect(address);
socket.once('error', (error) => process.stdout.write(`no connection: ${error.message}\n`));
socket.once('connect', () => {
  void attack();
});

async function attack(): Promise<void> {
  const port = createLinePort(socket, 1024 * 1024);
  const proved = await proveOneself(port, folder);
  if (!proved.ok) {
    process.stdout.write(`not admitted: ${proved.error}\n`);
    return;
  }
  const client = await createMonitorClient(port, { program: 'stranger' });
  if (client.ok) await client.value.act({ name: 'kill', target: 'builder' });
  process.stdout.write('admitted\n');
  socket.destroy();
}
