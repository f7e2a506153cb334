// Preloaded into the child that plays a utility process: gives it Electron's `process.parentPort`
// over the channel of a forked child, and takes Node's own way away.
import { EventEmitter } from 'node:events';

const post = process.send.bind(process);
const parentPort = new EventEmitter();
const early = [];

process.on('message', (data) => {
  // As the port of Electron does, messages wait for the first listener.
  if (parentPort.listenerCount('message') === 0) early.push(data);
  else parentPort.emit('message', { data, ports: [] });
});
parentPort.on('newListener', (event) => {
  if (event !== 'message' || early.length === 0) return;
  setImmediate(() => {
    for (const data of early.splice(0)) parentPort.emit('message', { data, ports: [] });
  });
});
parentPort.postMessage = (message) => post(message);
process.parentPort = parentPort;
process.send = undefined;
// A utility process ends with the app that made it.
process.on('disconnect', () => process.exit(0));
