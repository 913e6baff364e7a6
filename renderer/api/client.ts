import { createHttpClient } from '../../sdk/client.ts';

/** The contract, on the host that served this page; its cookie lets us in. */
export const client = createHttpClient({ baseUrl: window.location.origin });
