import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { openControlSocket } from '../../../../monitor/rpc/socket/control-socket.ts';
import { createFakeService } from '../fake-service.ts';

/** Started by control-socket.test.ts to be killed: opens a control socket and stays. */
const [controlFolder = ''] = process.argv.slice(2);
const opened = await openControlSocket(createFakeService(), {
  places: { runtimeFolder: undefined, controlFolder, temporaryFolder: '/tmp' },
  uid: process.getuid?.(),
  program: '0.1.0',
  engineId: 'ENGINE-1',
  endpoint: 'unix:///var/run/docker.sock',
  logger: silentLogger,
});
process.stdout.write(opened.ok ? 'open\n' : `${opened.error}\n`);
