/** A worker that lives until it is told to die by the port that it is given, and then says why. */

process.parentPort.once('message', ({ ports: [port] }) => {
  port?.on('message', () => {
    process.stderr.write('last words');
    process.exit(7);
  });
  port?.start();
});
setInterval(() => undefined, 60_000);
