import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

// A site to watch, on a loopback port of its own.
export interface Target {
  url: string;
  // What it answers from now on.
  status: number;
  // When it last answered with an error, in milliseconds since 1970; 0 before.
  failedAt: number;
  // The headers of the latest request.
  headers: IncomingHttpHeaders;
  close: () => Promise<void>;
}

export async function startTarget(): Promise<Target> {
  const server = createServer((request, response) => {
    target.headers = request.headers;
    response.writeHead(target.status, { 'content-type': 'text/plain', connection: 'close' });
    response.end('hello');
    if (target.status >= 400) target.failedAt = Date.now();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target: Target = {
    url: `http://127.0.0.1:${port}/`,
    status: 200,
    failedAt: 0,
    headers: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return target;
}
