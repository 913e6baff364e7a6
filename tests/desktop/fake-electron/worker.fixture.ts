/** The utility process of `main.fixture.ts`: answers on a port what comes through it. */

const { parentPort } = process;

process.stdout.write(`began with ${process.argv.at(-1)}`);
parentPort.on('message', ({ ports: [port] }) => {
  if (port === undefined) return;
  const seen: unknown[] = [];
  port.on('message', ({ data }) => {
    if (data === 'die') process.kill(process.pid, 'SIGKILL');
    if (data === 'close') port.close();
    seen.push(data);
    port.postMessage({ isBytes: data instanceof Uint8Array && !Buffer.isBuffer(data), seen });
  });
  port.on('close', () => parentPort.postMessage({ closed: true }));
  port.start();
});
