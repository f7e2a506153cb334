import { connect, createServer } from 'node:net';

// Run within another network: leads a unix socket to a port of that network's loopback, as what comes
// with an engine in a virtual machine leads a port of the person's machine to one of the engine's.
const [path = '', port = ''] = process.argv.slice(2);

createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  near.pipe(far).pipe(near);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
  near.on('close', () => far.destroy());
  far.on('close', () => near.destroy());
}).listen(path, () => process.stdout.write('listening\n'));
