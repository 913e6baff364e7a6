/** Stays until it is killed. */
setInterval(() => undefined, 60_000);
